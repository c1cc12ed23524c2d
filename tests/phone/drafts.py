"""Many submissions lying on a phone, as the page itself keeps them: too many to be tapped in."""

import base64
import hashlib
import io
import json
import random
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from PIL import Image

PUT = """async (drafts) => {
  const db = await new Promise((done, failed) => {
    const request = indexedDB.open("anlan-work");
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const tx = db.transaction(["drafts", "files"], "readwrite");
  for (const { photo, ...draft } of drafts) {
    tx.objectStore("drafts").put(draft);
    const bytes = Uint8Array.from(atob(photo), (c) => c.charCodeAt(0));
    const blob = new Blob([bytes], { type: "image/jpeg" });
    for (const { digest } of draft.files)
      tx.objectStore("files").put({ draft: draft.id, digest, blob });
  }
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
}"""
ALL = """() => new Promise((done) => {
  const request = indexedDB.open("anlan-work");
  request.onsuccess = () => {
    const all = request.result.transaction("drafts").objectStore("drafts").getAll();
    all.onsuccess = () => { request.result.close(); done(all.result); };
  };
})"""


def photo(number: int, size: tuple[int, int] = (320, 240)) -> bytes:
    """Like no other photo; some 30 kB, as hard to pack as a real one."""
    noise = random.Random(number).randbytes(size[0] * size[1])
    out = io.BytesIO()
    Image.frombytes("L", size, noise).save(out, "JPEG", quality=40)
    return out.getvalue()


def draft(account: str, number: int, asked: dict[str, Any], *, with_photo: bool = True) -> dict:
    """One submission as the page keeps it, with the bytes that will be sent."""
    picture = photo(number) if with_photo else b""
    made = datetime.now(UTC).isoformat()
    attached = []
    if with_photo:
        attached = [{"digest": hashlib.sha256(picture).hexdigest(), "name": f"{number}.jpg"}]
    identity = str(uuid.UUID(int=(7 << 76) | (2 << 62) | number))
    body = {"id": identity, "made_at": made, **asked, "attachments": attached}
    return {
        "id": identity,
        "account": account,
        "subject": f"work/{asked['item_id']}" if "item_id" in asked else f"enterprise/{number}",
        "title": f"第{number}条",
        "move": asked.get("move", "visit"),
        "body": json.dumps(body),
        "files": [file | {"size": len(picture)} for file in attached],
        "state": "waiting",
        "settled": False,
        "reason": "",
        "madeAt": round(time.time() * 1000) - 100_000 + number,
        "tries": 0,
        "photo": base64.b64encode(picture).decode(),
    }


def visit(enterprise: int) -> dict[str, Any]:
    """A visit without a checklist, with one hazard."""
    data = {
        "enterprise": enterprise,
        "started_at": "2026-07-01T10:00:00+08:00",
        "finished_at": "2026-07-01T10:30:00+08:00",
        "hazards": [{"what": "消防通道堵塞"}],
    }
    return {"handed_in": "prevent.visit", "note": "", "data": data}


def accept(item: int) -> dict[str, Any]:
    return {"item_id": item, "move": "accept"}


def prove(item: int) -> dict[str, Any]:
    position = {"lon": 119.6, "lat": 29.1, "accuracy_m": 9}
    return {"item_id": item, "move": "submit", "note": "已巡查", **position}


def put(page, drafts: list[dict]) -> None:
    for start in range(0, len(drafts), 25):
        page.evaluate(PUT, drafts[start : start + 25])


def states(page) -> dict[str, int]:
    """How many stand where."""
    held = page.evaluate(ALL)
    counts = dict.fromkeys(("waiting", "received", "refused"), 0)
    for one in held:
        counts[one["state"]] += 1
    return counts | {"settled": sum(one["settled"] for one in held)}


def why(page) -> list[tuple]:
    """What the page was told of each, for the report of a failure."""
    names = ("title", "move", "state", "settled", "tries", "reason")
    return [tuple(one[name] for name in names) for one in page.evaluate(ALL)]
