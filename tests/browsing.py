"""What a browser does in a test: looks at a page, and sends a form as it stands there."""

import re

import httpx

_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


def token_of(page: str) -> str:
    """What every form of a page carries, and no other site knows."""
    found = _TOKEN.search(page)
    assert found, page[:3000]
    return found[1]


async def seen(browser: httpx.AsyncClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text[-3000:]
    return answer.text


async def sent(browser: httpx.AsyncClient, page: str, to: str, /, **fields: object) -> httpx.Response:
    return await browser.post(to, data={"form_token": token_of(page), **fields})
