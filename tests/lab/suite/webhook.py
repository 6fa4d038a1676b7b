"""Answers admission reviews over HTTPS: yes, or no with the words of DENIES. TLS is its certificate and key, PORT its port."""

import http.server
import json
import os
import signal
import ssl
import tempfile

DENIES = os.environ.get("DENIES", "")


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply({})

    def do_POST(self):
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = review["request"]
        response = {"uid": request["uid"], "allowed": not DENIES}
        if DENIES:
            response["status"] = {"code": 403, "message": DENIES}
        print("asked about", request["operation"], request.get("namespace"), request.get("name"))
        self.reply({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response})

    def reply(self, body):
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def main():
    # The first process of a container ends by a signal only when it says so.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(os.environ["TLS"])
        file.flush()
        context.load_cert_chain(file.name)
    server = http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Answers)
    # Each handshake in its own thread: one client that is slow keeps no other waiting.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


main()
