"""``/api/matte``: a still picture, cut out."""

from __future__ import annotations

from aiohttp import web

from edge.http.bodies import upload
from edge.http.keys import STILLS
from edge.media.written import Encoding
from edge.stills import Order

routes = web.RouteTableDef()


@routes.post("/api/matte")
async def cut(request: web.Request) -> web.Response:
    order = Order.model_validate(dict(request.query))
    encoding = preferred(request.headers.get("Accept", "*/*"))
    data, _ = await upload(request)
    made = await request.app[STILLS].cut(data, order, encoding)
    return web.Response(body=made, content_type=f"image/{encoding}")


def preferred(accept: str) -> Encoding:
    """
    WebP for whoever likes it better than PNG, as ``Accept`` says (RFC 9110, 12.5.1); else PNG.

    Who takes neither gets PNG too: the header may be disregarded, and a picture says more than 406.
    """
    weights: dict[str, float] = {}
    for item in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in item.split(";"))
        weights[kind] = next((_weight(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
    anything = weights.get("image/*", weights.get("*/*", 0.0))
    webp, png = (weights.get(f"image/{kind}", anything) for kind in ("webp", "png"))
    return "webp" if webp > png else "png"


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
