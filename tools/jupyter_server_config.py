"""The settings of the lecture's own Jupyter: `course.py` puts this file into .venv."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Sends each message at once.

    By default a kernel's answer waits until the browser has acknowledged the "busy" before it, which
    browsers do up to 40 ms later: Nagle's algorithm (RFC 896) meets delayed acknowledgements.
    """

    def connect(self):
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c.ServerApp.kernel_websocket_connection_class = PromptConnection  # noqa: F821 (Jupyter gives it)
