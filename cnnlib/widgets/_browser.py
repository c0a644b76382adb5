"""What a kernel that runs in the page does otherwise than one on a computer: it has no JSON between the two."""

import contextlib
import json


def speak_json():
    """Let what widgets tell the page go through JSON, as Jupyter's protocol says.

    The browser's kernel converts Python objects itself, and there None becomes undefined instead of null: a
    question that nobody has answered would look answered.
    """
    from pyodide_kernel.comm import Comm

    from js import JSON  # these two exist in a browser only

    send = Comm.publish_msg
    if getattr(send, "speaks_json", False):
        return

    def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
        with contextlib.suppress(ValueError):  # infinite numbers are no JSON: they go as the kernel can
            data = JSON.parse(json.dumps({} if data is None else data, allow_nan=False))
        return send(self, msg_type, data, metadata, buffers, **keys)

    publish_msg.speaks_json = True
    Comm.publish_msg = publish_msg
