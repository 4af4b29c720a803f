"""A server that answers as a table says: honest, or in any way that is not.

Arguments: the table, a log, and for TLS a certificate and its key. The table is JSON, from
"METHOD /path" to what is answered; it is read anew for each request. Prints its port.
"""

import http.server
import json
import ssl
import sys

table, log = sys.argv[1:3]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = {
            "what": f"{self.command} {self.path}",
            "host": self.headers.get("Host"),
            "authorization": self.headers.get("Authorization"),
        }
        with open(log, "a") as out:
            out.write(json.dumps(asked) + "\n")
        with open(table) as text:
            said = json.load(text).get(asked["what"], {"status": 404})
        needs = said.get("needs")
        if needs and asked["authorization"] != needs:
            said = {"status": 401, "headers": {"WWW-Authenticate": said["challenge"]}}
        body = said.get("text", "").encode()
        if "file" in said:
            with open(said["file"], "rb") as file:
                body = file.read()
        headers = {"Content-Length": str(len(body)), **said.get("headers", {})}
        body += bytes(said.get("zeros", 0))
        self.send_response(said.get("status", 200))
        for name, value in headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            try:
                if headers.get("Transfer-Encoding") == "chunked":
                    self.chunks(body, said)
                else:
                    self.wfile.write(body)
            except OSError:
                pass  # Whoever asked has heard enough.
        self.close_connection = True

    def chunks(self, body, said):
        for at in range(0, len(body), 1 << 16):
            part = body[at : at + (1 << 16)]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if not said.get("cut"):
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_HEAD = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # A handshake that somebody broke off.


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    # Not while a connection is accepted: one that is broken off must not end the server.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
print(server.server_address[1], flush=True)
server.serve_forever()
