"""A mail server on a real socket, that takes mails, refuses them, or goes away at a chosen moment."""

import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy


class _Answers(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 test")
        while line := self.rfile.readline():
            word = line.split(None, 1)[0].upper().decode()
            if word == "DATA":
                if not self._data():
                    return
            elif word == "QUIT":
                self._say("221 bye")
                return
            elif word == "RCPT":
                self._say(self.server.rcpt.pop(0) if self.server.rcpt else "250 ok")
            elif word == self.server.gone_at:
                self.server.gone_at = ""
                return
            else:
                self._say("250 ok")

    def _data(self):
        self._say("354 go on")
        content = b""
        while not content.endswith(b"\r\n.\r\n"):
            content += self.rfile.readline()
        if self.server.gone_at == "DATA":  # taken, perhaps: nobody will know
            self.server.gone_at = ""
            return False
        answer = self.server.data.pop(0) if self.server.data else "250 taken"
        if answer.startswith("250"):
            self.server.mails.append(message_from_bytes(content[:-5], policy=policy.default))
        self._say(answer)
        return True

    def _say(self, answer):
        self.wfile.write(f"{answer}\r\n".encode())


@contextmanager
def mail_server():
    """Serve mails; `gone_at` is the word at which it hangs up once, `rcpt` and `data` are answers to give first."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Answers) as server:
        server.daemon_threads = True
        server.mails, server.gone_at, server.rcpt, server.data = [], "", [], []
        server.address = f"smtp://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
