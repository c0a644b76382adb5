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

# The server does without notebook_shim, which carries over settings and extensions of Notebook 6, and imports IPython
# for it; Notebook 7 needs its package only. jupyter_lsp has no language server to speak to, but the pages ask for it.
c.ServerApp.jpserver_extensions.update({"notebook_shim": False})  # noqa: F821

# What .venv holds is what the lock says: no extension manager that asks the package index what else there is.
c.LabApp.extension_manager = "readonly"  # noqa: F821
