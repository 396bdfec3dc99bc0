"""The walk of `scripts/demo --check`: sign-up, mailed verification, sign-in, an app page, sign-out.

usage: demo-check.py BASE_URL
"""

import http.cookiejar
import json
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PASSWORD = "correct horse battery " + secrets.token_hex(4)


class Stop(Exception):
    pass


class Browser:
    """Keeps cookies and follows no redirect."""

    def __init__(self, base):
        class NoRedirect(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_):
                return None

        self.base = base
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies), NoRedirect
        )

    def send(self, method, url, *, json_body=None, form=None, headers=None):
        headers, data = dict(headers or {}), None
        if json_body is not None:
            headers["Content-Type"], data = "application/json", json.dumps(json_body).encode()
        elif form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            data = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(urllib.parse.urljoin(self.base, url), data, headers, method=method)
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode(errors="replace")


def expect(what, got, *statuses):
    status, body = got
    if status not in statuses:
        raise Stop(f"{what}: expected {' or '.join(map(str, statuses))}, got {status}: {body[:500]}")
    print(f"  {what}: {status}", flush=True)
    return body


def verification_link(browser, email):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        mails = json.loads(expect("caught mail", browser.send("GET", "/__dev/mail.json"), 200))
        for mail in mails:
            if email not in json.dumps(mail["to"]):
                continue
            for link in mail["links"]:
                if urllib.parse.urlsplit(link).path.endswith("/verify-email/confirm"):
                    return link
        time.sleep(0.2)
    raise Stop(f"no verification mail for {email} within 20 s")


def main(base):
    email = f"demo-{secrets.token_hex(6)}@example.com"
    credentials = {"email": email, "password": PASSWORD}
    # The mail page is read without the user's cookies, as another person would.
    mailbox, browser = Browser(base), Browser(base)

    expect("public page", browser.send("GET", "/public/hello"), 200)
    expect("app page without a session", browser.send("GET", "/whoami"), 401)
    expect("sign-up", browser.send("POST", "/api/auth/sign-up/email", json_body={"name": "Zoë", **credentials}), 200)
    expect(
        "sign-in before verification", browser.send("POST", "/api/auth/sign-in/email", json_body=credentials), 403
    )

    link = verification_link(mailbox, email)
    url = urllib.parse.urlsplit(link)
    token = urllib.parse.parse_qs(url.query)["token"][0]
    expect("page behind the mailed link", browser.send("GET", link), 200)
    # What the page's button sends, with the Origin that a browser adds, and the password, as in another browser.
    expect(
        "verification",
        browser.send(
            "POST",
            urllib.parse.urlunsplit(url._replace(query="")),
            form={"token": token, "password": PASSWORD},
            headers={"Origin": f"{url.scheme}://{url.netloc}"},
        ),
        200,
        302,
        303,
    )

    expect("sign-in", browser.send("POST", "/api/auth/sign-in/email", json_body=credentials), 200)
    if not list(browser.cookies):
        raise Stop("sign-in set no cookie")

    seen = json.loads(expect("app page", browser.send("GET", "/whoami", headers={"X-User-Id": "forged"}), 200))
    if not seen.get("X-User-Id") or "forged" in seen["X-User-Id"]:
        raise Stop(f"the app was told the wrong X-User-Id: {seen}")
    name = seen.get("X-User-Name", "")
    if seen.get("X-User-Email") != email or not name.isascii() or urllib.parse.unquote(name) != "Zoë":
        raise Stop(f"the app was told the wrong e-mail or name: {seen}")

    # A browser sends Origin with every POST, and a request with a cookie is asked for one.
    sign_out = browser.send("POST", "/api/auth/sign-out", json_body={}, headers={"Origin": base})
    expect("sign-out", sign_out, 200)
    expect("app page after sign-out", browser.send("GET", "/whoami"), 401)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except (Stop, OSError, ValueError, KeyError) as error:
        sys.exit(f"demo check: {error!r}" if not isinstance(error, Stop) else f"demo check: {error}")
