"""A mail server that takes mail only over TLS and from the user "gateway" with the password "correct".

usage: smtp_server.py CA_FILE [--no-starttls] [--refuse N]

Listens on a free loopback port as "localhost", with a certificate of an authority that it makes up and writes to CA_FILE.
With --no-starttls it offers no TLS and would take the password in clear; with --refuse it first answers N recipients with
451. What happens is written to standard output, one JSON object a line. Ends with its parent.
"""

import argparse
import asyncio
import json
import logging
import os
import ssl

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

ACCOUNT = LoginPassword(b"gateway", b"correct")


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


class Handler:
    def __init__(self, refusals):
        self.refusals = refusals

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusals > 0:
            self.refusals -= 1
            tell("refused", to=address)
            return "451 4.3.0 busy, try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        tell(
            "message",
            to=envelope.rcpt_tos,
            tls=session.ssl["cipher"][1] if session.ssl else None,
            user=session.auth_data,
            content=envelope.content.decode(),
        )
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = data == ACCOUNT
    tell("authentication", right=right, tls=session.ssl is not None)
    # Not handled: the refusal is aiosmtpd's to send.
    return AuthResult(success=right, handled=False, auth_data=data.login.decode())


def make_tls(ca_file):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ca_file")
    parser.add_argument("--no-starttls", action="store_true")
    parser.add_argument("--refuse", type=int, default=0)
    options = parser.parse_args()
    logging.getLogger("mail").setLevel(logging.CRITICAL)
    tls, parent, handler = make_tls(options.ca_file), os.getppid(), Handler(options.refuse)

    def connection():
        if options.no_starttls:
            return SMTP(handler, auth_required=True, auth_require_tls=False, authenticator=authenticate)
        return SMTP(handler, tls_context=tls, require_starttls=True, auth_required=True, authenticator=authenticate)

    server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
    tell("listening", port=server.sockets[0].getsockname()[1])
    while os.getppid() == parent:
        await asyncio.sleep(0.5)


asyncio.run(main())
