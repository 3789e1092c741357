# SPDX-License-Identifier: MIT
"""HTTPS on loopback with certificates of an authority made for this run by openssl. Usage: tls_server.py FOLDER

Writes ca.pem (the authority) and stranger.pem (another one) into FOLDER, then prints one line `name port name port ...` and the instant at which
the good certificate ends, and serves one exposition page at each port until standard input ends:
  good     a certificate for localhost and 127.0.0.1
  other    one for another host
  expired  one that ended yesterday
  early    one that begins tomorrow
  plain    no TLS at all
  old      TLS 1.1
"""
import http.server
import os
import ssl
import subprocess
import sys
import threading
import time
import warnings

PAGE = b"""# TYPE litellm_proxy_total_requests_metric_total counter
litellm_proxy_total_requests_metric_total{requested_model="m",status_code="200",route="/chat/completions"} 5
"""
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
HERE = "subjectAltName=DNS:localhost,IP:127.0.0.1"
DAY = 86400


def openssl(*args):
    run = subprocess.run(["openssl", *args], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit("openssl %s: %s" % (" ".join(args), run.stderr))


def authority(name):
    openssl("req", "-x509", *KEY, "-keyout", name + ".key", "-out", name + ".pem", "-days", "2", "-subj", "/CN=gwtop test " + name,
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")


def stamp(at):
    return time.strftime("%y%m%d%H%M%SZ", time.gmtime(at))


def certificate(name, subject, begin, end):
    """By `openssl ca`, the one command that takes both dates."""
    for path, text in (("index.txt", ""), ("index.txt.attr", "unique_subject = no\n"), ("x.ext", subject + "\n")):
        with open(path, "w") as f:
            f.write(text)
    with open("ca.cnf", "w") as f:
        f.write("[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\nnew_certs_dir = .\nrand_serial = yes\ndefault_md = sha256\npolicy = p\n"
                "[p]\ncommonName = supplied\n")
    openssl("req", *KEY, "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name)
    openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", name + ".csr", "-out", name + ".pem",
            "-extfile", "x.ext", "-startdate", stamp(begin), "-enddate", stamp(end))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name, old):
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = None
        if name is None:
            return
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(name + ".pem", name + ".key")
        if old:
            warnings.simplefilter("ignore", DeprecationWarning)
            self.context.set_ciphers("ALL:@SECLEVEL=0")
            self.context.minimum_version = ssl.TLSVersion.TLSv1
            self.context.maximum_version = ssl.TLSVersion.TLSv1_1

    def finish_request(self, request, client_address):
        if self.context is not None:  # in the connection's own thread, so that no handshake delays another
            request = self.context.wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, request, client_address):
        pass  # refused handshakes are what this is about


def main():
    os.chdir(sys.argv[1])
    now = int(time.time())
    authority("ca")
    authority("stranger")
    certificate("good", HERE, now - DAY, now + 10 * DAY)
    certificate("other", "subjectAltName=DNS:gateway.example", now - DAY, now + 10 * DAY)
    certificate("expired", HERE, now - 2 * DAY, now - DAY)
    certificate("early", HERE, now + DAY, now + 2 * DAY)
    ports = []
    for name, cert in (("good", "good"), ("other", "other"), ("expired", "expired"), ("early", "early"), ("plain", None), ("old", "good")):
        server = Server(cert, name == "old")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ports.append("%s %d" % (name, server.server_address[1]))
    print("%s until %d" % (" ".join(ports), now + 10 * DAY), flush=True)
    sys.stdin.read()


main()
