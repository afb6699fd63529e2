"""What people call what they have, in English, Hindi and Tamil, and the code it leads to.

ICD-10-CM says "Type 2 diabetes mellitus without complications"; a person says "sugar". These come first in a search, and
before anything is typed. Our own words; the codes are those of ICD-10-CM 2021.
"""

COMMON: dict[str, tuple[str, str, str]] = {
    "I10": (
        "High blood pressure, BP, hypertension",
        "हाई ब्लड प्रेशर, उच्च रक्तचाप, बीपी",
        "உயர் இரத்த அழுத்தம், பிபி, ரத்தக்கொதிப்பு",
    ),
    "E119": (
        "Type 2 diabetes, sugar",
        "टाइप 2 मधुमेह, शुगर, डायबिटीज़",
        "வகை 2 நீரிழிவு, சர்க்கரை நோய்",
    ),
    "E109": (
        "Type 1 diabetes",
        "टाइप 1 मधुमेह, डायबिटीज़",
        "வகை 1 நீரிழிவு",
    ),
    "E785": (
        "High cholesterol, high lipids",
        "ज़्यादा कोलेस्ट्रॉल",
        "அதிக கொழுப்பு, கொலஸ்ட்ரால்",
    ),
    "I259": (
        "Heart disease, coronary artery disease",
        "दिल की बीमारी, हृदय रोग",
        "இதய நோய்",
    ),
    "I219": (
        "Heart attack, myocardial infarction",
        "दिल का दौरा, हार्ट अटैक",
        "மாரடைப்பு",
    ),
    "I252": (
        "Old heart attack, earlier heart attack",
        "पुराना दिल का दौरा",
        "பழைய மாரடைப்பு",
    ),
    "I509": (
        "Heart failure, weak heart",
        "हृदय की कमज़ोरी, हार्ट फ़ेलियर",
        "இதய செயலிழப்பு",
    ),
    "I4891": (
        "Atrial fibrillation, irregular heartbeat",
        "अनियमित धड़कन",
        "சீரற்ற இதயத் துடிப்பு",
    ),
    "I209": (
        "Angina, chest pain from the heart",
        "एनजाइना, सीने का दर्द",
        "ஆஞ்சைனா, நெஞ்சு வலி",
    ),
    "Z951": (
        "Bypass surgery, CABG",
        "बाईपास सर्जरी",
        "பைபாஸ் அறுவை சிகிச்சை",
    ),
    "Z955": (
        "Stent in the heart, angioplasty",
        "दिल में स्टेंट",
        "இதயத்தில் ஸ்டென்ட்",
    ),
    "I639": (
        "Stroke, brain attack",
        "लकवा, ब्रेन स्ट्रोक, पक्षाघात",
        "பக்கவாதம்",
    ),
    "J45909": (
        "Asthma",
        "दमा, अस्थमा",
        "ஆஸ்துமா, இரைப்பு",
    ),
    "J449": (
        "COPD, smoker's lung",
        "सीओपीडी, फेफड़ों की पुरानी बीमारी",
        "நாள்பட்ட நுரையீரல் நோய்",
    ),
    "E039": (
        "Underactive thyroid, hypothyroidism",
        "थायरॉइड की कमी, हाइपोथायरॉइड",
        "தைராய்டு குறைவு",
    ),
    "E0590": (
        "Overactive thyroid, hyperthyroidism",
        "थायरॉइड ज़्यादा, हाइपरथायरॉइड",
        "தைராய்டு மிகைப்பு",
    ),
    "D649": (
        "Anaemia, low blood, anemia",
        "खून की कमी, एनीमिया",
        "இரத்த சோகை",
    ),
    "N189": (
        "Chronic kidney disease",
        "गुर्दे की पुरानी बीमारी, किडनी",
        "நாள்பட்ட சிறுநீரக நோய்",
    ),
    "N200": (
        "Kidney stone",
        "गुर्दे की पथरी",
        "சிறுநீரகக் கல்",
    ),
    "N390": (
        "Urinary infection, UTI",
        "पेशाब में संक्रमण",
        "சிறுநீர் தொற்று",
    ),
    "K219": (
        "Acid reflux, heartburn, acidity",
        "एसिडिटी, सीने में जलन",
        "நெஞ்செரிச்சல், அமிலத்தன்மை",
    ),
    "K589": (
        "Irritable bowel",
        "पेट का आईबीएस",
        "எரிச்சல் குடல்",
    ),
    "K760": (
        "Fatty liver",
        "फैटी लिवर",
        "கொழுப்புக் கல்லீரல்",
    ),
    "K8020": (
        "Gallstones",
        "पित्त की पथरी",
        "பித்தப்பைக் கல்",
    ),
    "M1990": (
        "Osteoarthritis, worn joints",
        "जोड़ों का घिसना, गठिया",
        "மூட்டுத் தேய்மானம்",
    ),
    "M069": (
        "Rheumatoid arthritis",
        "रूमेटॉइड गठिया",
        "முடக்கு வாதம்",
    ),
    "M545": (
        "Low back pain",
        "कमर दर्द",
        "இடுப்பு வலி, முதுகு வலி",
    ),
    "M810": (
        "Osteoporosis, weak bones",
        "कमज़ोर हड्डियाँ, ऑस्टियोपोरोसिस",
        "எலும்பு அடர்த்தி குறைவு",
    ),
    "M109": (
        "Gout",
        "गाउट, यूरिक एसिड",
        "கீல்வாதம், யூரிக் அமிலம்",
    ),
    "G43909": (
        "Migraine",
        "माइग्रेन, आधासीसी",
        "ஒற்றைத் தலைவலி",
    ),
    "G40909": (
        "Epilepsy, fits",
        "मिर्गी",
        "வலிப்பு நோய்",
    ),
    "G20": (
        "Parkinson's disease",
        "पार्किंसन रोग",
        "நடுக்குவாதம்",
    ),
    "F0390": (
        "Dementia, memory loss",
        "डिमेंशिया, भूलने की बीमारी",
        "மறதி நோய்",
    ),
    "F329": (
        "Depression",
        "अवसाद, डिप्रेशन",
        "மனச்சோர்வு",
    ),
    "F419": (
        "Anxiety",
        "चिंता, घबराहट",
        "பதற்றம்",
    ),
    "G4700": (
        "Insomnia, poor sleep",
        "नींद न आना",
        "தூக்கமின்மை",
    ),
    "G4733": (
        "Sleep apnoea, sleep apnea, snoring",
        "नींद में साँस रुकना",
        "உறக்கத்தில் மூச்சுத் தடை",
    ),
    "E669": (
        "Obesity, overweight",
        "मोटापा",
        "உடல் பருமன்",
    ),
    "E282": (
        "Polycystic ovaries, PCOS",
        "पीसीओएस",
        "சினைப்பை நீர்க்கட்டி",
    ),
    "E559": (
        "Vitamin D deficiency",
        "विटामिन डी की कमी",
        "வைட்டமின் டி குறைபாடு",
    ),
    "A159": (
        "Tuberculosis, TB",
        "टीबी, क्षय रोग, तपेदिक",
        "காசநோய்",
    ),
    "A90": (
        "Dengue",
        "डेंगू",
        "டெங்கு",
    ),
    "B54": (
        "Malaria",
        "मलेरिया",
        "மலேரியா",
    ),
    "A0100": (
        "Typhoid",
        "टाइफ़ॉइड, मियादी बुख़ार",
        "டைபாய்டு",
    ),
    "U071": (
        "COVID-19, corona",
        "कोविड, कोरोना",
        "கோவிட், கொரோனா",
    ),
    "C50919": (
        "Breast cancer",
        "स्तन कैंसर",
        "மார்பகப் புற்றுநோய்",
    ),
    "C61": (
        "Prostate cancer",
        "प्रोस्टेट कैंसर",
        "புரோஸ்டேட் புற்றுநோய்",
    ),
    "H269": (
        "Cataract",
        "मोतियाबिंद",
        "கண்புரை",
    ),
    "H409": (
        "Glaucoma",
        "काला मोतिया, ग्लूकोमा",
        "கண் அழுத்த நோய்",
    ),
    "L409": (
        "Psoriasis",
        "सोरायसिस",
        "சொரியாசிஸ்",
    ),
    "L309": (
        "Eczema",
        "एक्ज़िमा, खुजली",
        "தோல் அழற்சி",
    ),
}
LANGUAGES = ("en", "hi", "ta")
