"""Still pictures, cut out."""

from __future__ import annotations

from edge.http.operations import BODY, FILE, GUARDED, Json, answer, asked, operation, takes
from edge.http.paths.backgrounds import UPLOAD
from edge.stills import Order

PICTURES = {kind: form for kind, form in UPLOAD.items() if kind != "video/*"}
FIELDS = Order.model_json_schema()["properties"]

STILLS: Json = {
    "/api/matte": {
        "post": operation(
            "stills",
            "Cut people out of a picture",
            {"200": answer("The picture", {"image/png": FILE, "image/webp": FILE})},
            (*GUARDED, *BODY, 422, 503),
            operationId="cut",
            description="PNG, or WebP where Accept prefers it. Of the same size; where nobody is, "
            "a cut-out has no colours left. One picture at a time: 503 where four are waiting.",
            parameters=[
                asked(
                    name,
                    {"enum": field["enum"]} if "enum" in field else {"type": "string"},
                    field["description"],
                )
                for name, field in FIELDS.items()
            ],
            requestBody=takes(PICTURES, "At most 32 MiB and 50 megapixels"),
        )
    }
}
