"""A page with every piece of the kit on it, in three languages: what the tests look at and photograph."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from jinja2 import FileSystemLoader

from ojas.kit import crypto, i18n
from ojas.kit.db import Database
from ojas.kit.feature import NavItem
from ojas.kit.http import Guards, House, install
from ojas.kit.http.edge import manner_of
from ojas.kit.i18n import N_
from ojas.kit.ids import new_id
from ojas.kit.web import Band, Faults, Figure, Flag, Gap, Series, Who, page, refusal_page
from ojas.kit.web import install as install_web
from ojas.kit.web.environment import environment
from ojas.kit.web.frame import Frame

TABS = [
    NavItem(N_("Today"), "", "sun", 10),
    NavItem(N_("Trends"), "/trends", "trending-up", 20),
    NavItem(N_("Add"), "/readings/new", "plus", 30),
    NavItem(N_("Record"), "/record", "file-text", 40),
    NavItem(N_("Timeline"), "/timeline", "list", 100),
    NavItem(N_("Profile"), "/profile", "user", 180),
    NavItem(N_("Settings"), "//settings", "settings", 190),
]

EN = {
    "hello": "Good morning, Meera", "date": "Saturday 21 November · week 7 after surgery", "now": "Now · 08:00",
    "dose": "Metoprolol 25 mg, 1 tablet", "how": "With breakfast. 12 left, enough until 3 December.", "take": "Taken",
    "later": "In 15 min", "skip": "Skip…", "al1": "1.2 kg more than yesterday",
    "al2": "After heart surgery this can mean fluid. Dr Rao has been told.", "al3": "What to do", "rest": "Rest of today",
    "r1": "Weight", "r1s": "64.8 kg", "r2": "Walk, 20 min", "r2s": "Heart rate 95 to 110, stop above 120",
    "r4": "Dr Rao, cardiology", "r4s": "Video visit · bring readings of 7 days", "seen": "Noticed",
    "in1": "You slept 7 h 10 min, 40 minutes more than your usual.", "in2": "From 28 nights of watch data.",
    "score": "Today’s score", "p1": "Medicines", "p2": "Movement", "p3": "Sleep", "bp": "Blood pressure",
    "b1": "Above your goal", "pulse": "Resting pulse", "bpm": "/min", "b2": "In your range", "steps": "Steps",
    "b3": "Goal 6,000", "sleep": "Sleep", "b4": "Better than usual", "record": "Record", "trends": "Trends",
    "add": "Password", "ask": "Note", "name": "Meera",
}  # fmt: skip
TA = EN | {
    "hello": "காலை வணக்கம், மீரா", "date": "சனி, 21 நவம்பர் · அறுவை சிகிச்சைக்குப் பின் 7-ஆம் வாரம்", "now": "இப்போது · 08:00",
    "dose": "மெட்டோபிரோலால் 25 மி.கி, 1 மாத்திரை", "how": "காலை உணவுடன். 12 மீதம், டிசம்பர் 3 வரை போதும்.",
    "take": "எடுத்துக்கொண்டேன்", "later": "15 நிமிடத்தில்", "skip": "தவிர்…", "al1": "நேற்றை விட 1.2 கிலோ அதிகம்",
    "al2": "இதய அறுவை சிகிச்சைக்குப் பின் இது நீர் தேக்கமாக இருக்கலாம். டாக்டர் ராவுக்குத் தெரிவிக்கப்பட்டது.",
    "al3": "என்ன செய்வது", "rest": "இன்றைய மீதி", "r1": "எடை", "r1s": "64.8 கிலோ", "r2": "நடை, 20 நிமிடம்",
    "r2s": "இதயத் துடிப்பு 95–110; 120-க்கு மேல் நிறுத்தவும்", "r4": "டாக்டர் ராவ், இதயவியல்",
    "r4s": "காணொளி சந்திப்பு · 7 நாள் அளவீடுகள்", "seen": "கவனித்தது",
    "in1": "7 மணி 10 நிமிடம் தூங்கினீர்கள்; வழக்கத்தை விட 40 நிமிடம் அதிகம்.", "in2": "28 இரவுகளின் கைக்கடிகாரத் தரவு.",
    "score": "இன்றைய மதிப்பெண்", "p1": "மருந்துகள்", "p2": "இயக்கம்", "p3": "தூக்கம்", "bp": "இரத்த அழுத்தம்",
    "b1": "இலக்கை விட அதிகம்", "pulse": "ஓய்வுநிலைத் துடிப்பு", "bpm": "/நிமிடம்", "b2": "உங்கள் வரம்பில்", "steps": "அடிகள்",
    "b3": "இலக்கு 6,000", "sleep": "தூக்கம்", "b4": "வழக்கத்தை விட நன்று", "record": "பதிவு", "trends": "போக்கு",
    "add": "கடவுச்சொல்", "ask": "குறிப்பு", "name": "மீரா",
}  # fmt: skip
HI = EN | {
    "hello": "सुप्रभात, मीरा", "date": "शनिवार, 21 नवंबर · सर्जरी के बाद सातवाँ सप्ताह", "now": "अभी · 08:00",
    "dose": "मेटोप्रोलोल 25 मि.ग्रा., 1 गोली", "how": "नाश्ते के साथ। 12 बची हैं, 3 दिसंबर तक।", "take": "ले ली",
    "later": "15 मिनट में", "skip": "छोड़ें…", "al1": "कल से 1.2 किलो ज़्यादा",
    "al2": "दिल की सर्जरी के बाद इसका मतलब शरीर में पानी हो सकता है। डॉ. राव को बता दिया गया है।", "al3": "क्या करें",
    "rest": "आज बाकी", "r1": "वज़न", "r1s": "64.8 किलो", "r2": "टहलना, 20 मिनट", "bp": "रक्तचाप",
    "b1": "लक्ष्य से ऊपर", "pulse": "आराम की नब्ज़", "bpm": "/मिनट", "b2": "आपकी सीमा में", "steps": "कदम",
    "b3": "लक्ष्य 6,000", "sleep": "नींद", "b4": "हमेशा से बेहतर", "record": "रिकॉर्ड", "trends": "रुझान", "name": "मीरा",
    "seen": "ध्यान में आया", "in1": "आप 7 घंटे 10 मिनट सोईं, आम दिनों से 40 मिनट ज़्यादा।", "in2": "28 रातों के घड़ी के आँकड़ों से।",
}  # fmt: skip
WORDS = {"en": EN, "ta": TA, "hi": HI}


def gallery(database: Database) -> FastAPI:
    """An application with the page at /kit, the refusals at /kit/refused, and the shell of ojas.kit.web."""
    app = FastAPI()
    app.state.house = House(database, authenticate=None, authorise=None)  # type: ignore[arg-type]  # nobody crosses the edge here
    install(app, refusal_page)
    install_web(app, TABS)
    loader: Any = environment().loader
    loader.loaders.append(FileSystemLoader(Path(__file__).parent))
    own, other = Who(new_id(), "Meera", own=True), Who(new_id(), "Arjun")

    @app.api_route("/kit", methods=["GET", "POST"])
    async def kit(request: Request) -> Response:
        manner = i18n.Manner(manner_of(request).language, "Asia/Kolkata")
        theme = request.query_params.get("theme", "auto")
        with i18n.use(manner):
            words = WORDS[manner.language]
            me = Who(own.id, words["name"], own=True)
            request.state.actor = None
            request.state.frame = Frame(me, (me, other), unread=2, theme=theme)
            faults = (
                Faults({"systolic": "12x"}, {"systolic": words["al1"]})
                if "faults" in request.query_params
                else None
            )
            return page(request, "gallery.html", faults=faults, w=words, figure=line(words), bars=bars(words))

    app.add_middleware(Guards, body_limit=10_000, https=False, render=refusal_page, burst=10_000)
    return app


def line(words: dict[str, str]) -> Figure:
    end = datetime(2026, 11, 21, tzinfo=UTC)
    days = [end - timedelta(days=n) for n in range(364, -1, -1)]
    values = [None if 120 < i < 150 else round(78 - i / 52 + 3 * math.sin(i / 6), 1) for i in range(365)]
    return Figure(
        "pulse", "Down 7 since October", words["pulse"], "Between 64 and 81, last 71 on 21 November.", "heart", words["bpm"],
        [Series(words["pulse"], list(zip(days, values, strict=True)), sources=("Apple Watch",) * 365,
                low=[None if v is None else v - 4 for v in values], high=[None if v is None else v + 5 for v in values])],
        days[0], end, bands=[Band(60, 75)], flags=[Flag(days[200], words["dose"])],
        gaps=[Gap(days[121], days[149], "The watch was not worn.")], group="g",
        columns=["Day", "Pulse", "Source"], rows=[["21 Nov", "71", "Apple Watch"]],
    )  # fmt: skip


def bars(words: dict[str, str]) -> Figure:
    end = datetime(2026, 11, 21, tzinfo=UTC)
    days = [end - timedelta(days=n) for n in range(30, -1, -1)]
    points = [(day, 3000 + 2500 * math.sin(i / 3) ** 2) for i, day in enumerate(days)]
    return Figure(
        "steps", "More on most days", words["steps"], "Between 3,000 and 5,500 a day.", "move", "",
        [Series(words["steps"], points, "bar")], days[0], end, bands=[Band(5000, None)], group="g",
    )  # fmt: skip


def opened() -> Database:
    """A database that nobody connects to: the gallery asks it nothing but its keys."""
    return Database("", crypto.MasterKeys.new())
