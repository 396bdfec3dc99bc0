"""The other proxies that `run` measures: each with a port of its own, as many threads as asked for, kept connections on
both sides, no access log, and nothing switched on that costs time.
"""

import os
import secrets
import shutil
import subprocess
import sys

from rig import HERE, ROOT, free_port, say

INSTALL = {
    "haproxy": "apt-get install haproxy",
    "caddy": "apt-get install caddy",
    "npm": "apt-get install nodejs npm (Node 20 or later), or from nodejs.org",
}
MAX_KEPT = 512


def need(*programs):
    """Ends the script where one is missing, and says how to get it."""
    missing = [program for program in programs if not shutil.which(program)]
    if missing:
        hints = "\n".join(f"  {INSTALL[program]}" for program in missing)
        sys.exit(f"{', '.join(missing)} not found:\n{hints}\nDebian starts haproxy and caddy as services; these are not needed here:"
                 " systemctl disable --now haproxy caddy")


def haproxy(rig, upstream, threads, tls=False):
    """HAProxy; its process and port."""
    port, configuration = free_port(), rig.folder / "haproxy.cfg"
    files = ""
    if tls:
        pair = rig.folder / "haproxy.pem"
        pair.write_text((rig.folder / "tls.crt").read_text() + (rig.folder / "tls.key").read_text())
        files = f"ssl crt {pair} alpn h2,http/1.1"
    configuration.write_text(f"""\
global
  nbthread {threads}
  maxconn 8000
  tune.pool-high-fd-ratio 90
defaults
  mode http
  timeout connect 2s
  timeout client 600s
  timeout server 60s
  timeout http-keep-alive 600s
  http-reuse always
frontend public
  bind 127.0.0.1:{port} backlog 8192 {files}
  default_backend api
backend api
  server api 127.0.0.1:{upstream} pool-max-conn {MAX_KEPT} pool-low-conn {MAX_KEPT}
""")
    process = rig.start(["haproxy", "-db", "-f", configuration], "haproxy.log")
    rig.wait_for(f"{'https' if tls else 'http'}://127.0.0.1:{port}/", process, "haproxy.log")
    return process, port


def caddy(rig, upstream, threads, tls=False):
    """Caddy; its process and port."""
    port, configuration = free_port(), rig.folder / "Caddyfile"
    site = f"https://127.0.0.1:{port}" if tls else f"http://127.0.0.1:{port}"
    files = f"tls {rig.folder}/tls.crt {rig.folder}/tls.key" if tls else ""
    configuration.write_text(f"""\
{{
  admin off
  auto_https off
  default_sni 127.0.0.1
  servers {{
    protocols h1 h2
  }}
}}
{site} {{
  bind 127.0.0.1
  {files}
  reverse_proxy 127.0.0.1:{upstream} {{
    transport http {{
      keepalive 600s
      keepalive_idle_conns {MAX_KEPT}
      keepalive_idle_conns_per_host {MAX_KEPT}
    }}
  }}
}}
""")
    home = {"HOME": str(rig.folder), "XDG_DATA_HOME": str(rig.folder / "caddy"), "XDG_CONFIG_HOME": str(rig.folder / "caddy")}
    command = ["caddy", "run", "--config", configuration, "--adapter", "caddyfile"]
    process = rig.start(command, "caddy.log", GOMAXPROCS=str(threads), **home)
    rig.wait_for(f"{site}/", process, "caddy.log")
    return process, port


def install_node_auth():
    """A folder with the auth server and its packages, which are installed below target/ where they are not yet."""
    folder, source = ROOT / "target/bench-node-auth", HERE / "node-auth"
    # Written last, so it stands for a finished install of just these versions.
    installed = folder / "installed.json"
    if not installed.exists() or installed.read_text() != (source / "package-lock.json").read_text():
        say("installing better-auth …")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        # Its newest version asks for newer helpers than some registries have; package.json says which are taken.
        options = ["--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(["npm", "ci", *options], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        shutil.copy(folder / "package-lock.json", installed)
    shutil.copy(source / "server.js", folder)
    return folder


def nginx_with_node(rig, upstream, workers, sessions, tls=False):
    """nginx whose auth_request asks better-auth in one Node process; the processes, nginx' port, and the file of cookies."""
    folder = install_node_auth()
    rig.unprivileged("createdb", "-h", rig.cluster, "-p", rig.database_port, "-U", "postgres", "nodeauth")
    environment = {
        "PGHOST": str(rig.cluster),
        "PGPORT": str(rig.database_port),
        "PGUSER": "postgres",
        "PGDATABASE": "nodeauth",
        "BETTER_AUTH_SECRET": secrets.token_urlsafe(32),
        "NODE_ENV": "production",
    }
    say(f"filling better-auth's tables: {sessions:,} users and sessions …")
    cookies = subprocess.run(
        ["node", folder / "server.js", "prepare", str(sessions)],
        env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    (rig.folder / "node-cookies").write_text(cookies)
    node_port = free_port()
    node = rig.start(["node", folder / "server.js", "serve", node_port], "node.log", **environment)
    rig.wait_for(f"http://127.0.0.1:{node_port}/", node, "node.log")
    files = f"ssl_certificate {rig.folder}/tls.crt; ssl_certificate_key {rig.folder}/tls.key;" if tls else ""
    process, port = rig.nginx(
        "auth-request",
        f"upstream up {{ server 127.0.0.1:{upstream}; keepalive {MAX_KEPT}; keepalive_requests 1000000000; }}\n"
        f"upstream auth {{ server 127.0.0.1:{node_port}; keepalive {MAX_KEPT}; keepalive_requests 1000000000; }}\n"
        f"server {{ listen 127.0.0.1:$port {'ssl http2' if tls else ''} backlog=8192; {files}\n"
        "location / { auth_request /_auth; auth_request_set $user $upstream_http_x_user_id;"
        " proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header X-User-Id $user; }\n"
        "location = /_auth { internal; proxy_pass http://auth/; proxy_http_version 1.1; proxy_set_header Connection '';"
        " proxy_pass_request_body off; proxy_set_header Content-Length ''; } }",
        workers,
    )
    return [process, node], port, rig.folder / "node-cookies"
