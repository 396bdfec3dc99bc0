"""The servers that the load scripts of this folder measure with.

A `Rig` starts nginx, PostgreSQL and AuthGate on free loopback ports, in a folder of its own, and stops them at its end.
Needs nginx, wrk and PostgreSQL's server programs, and Python's standard library only.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BODY = '{"message":"hello from the static upstream of the load benchmark"}'
TICKS = os.sysconf("SC_CLK_TCK")
# The certificates of this folder are signed by themselves.
UNVERIFIED = ssl._create_unverified_context()


def say(text):
    print(text, file=sys.stderr, flush=True)


def build():
    """Builds the release and returns the folder with the programs: always the same two, so that all scripts share one build.

    With LOAD_PROGRAMS in the environment nothing is built: it names a folder that has them.
    """
    if programs := os.environ.get("LOAD_PROGRAMS"):
        return Path(programs)
    say("building (release) …")
    targets = ["--bin", "authgate", "--example", "bare_proxy"]
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", *targets], cwd=ROOT, check=True)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def packages(*wanted):
    """Lets this process import the Python packages, which are installed below target/ where they are not yet."""
    folder = ROOT / "target/bench-packages"
    # Written last, so it stands for a finished install of just these versions.
    installed = folder / "installed.txt"
    if not installed.exists() or installed.read_text().split() != list(wanted):
        say(f"installing {', '.join(wanted)} …")
        shutil.rmtree(folder, ignore_errors=True)
        environment = folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run([environment / "bin/python", "-m", "pip", "install", "--quiet", "--target", folder / "lib", *wanted], check=True)
        installed.write_text("\n".join(wanted))
    sys.path.insert(0, str(folder / "lib"))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def children(pid):
    """The processes that `pid` started."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_seconds(pid):
    """What a process and its children, those that ended too, have used so far, user and system."""
    total = 0
    for one in [pid, *children(pid)]:
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
        total += sum(map(int, fields[11:15] if one == pid else fields[11:13]))
    return total / TICKS


def memory(pid, field="VmRSS"):
    """Resident memory (`VmRSS`) or its peak (`VmHWM`) in MB."""
    return int(re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid):
    return int(re.search(r"Threads:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


@dataclass
class Load:
    """What wrk reports. Latencies in milliseconds."""

    rate: float
    requests: int
    p50: float
    p99: float
    refused: int
    errors: int


def milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def wrk(url, connections, seconds, *options, threads=1, **environment):
    """Runs wrk to its end. `refused` counts answers other than 2xx and 3xx, `errors` broken connections."""
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", *map(str, options), url]
    out = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, **{k: str(v) for k, v in environment.items()}}
    ).stdout
    if not re.search(r"^\s+50%\s+[\d.]+", out, re.M):
        raise RuntimeError(f"{url} answered nothing:\n{out}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
    return Load(
        rate=float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
        requests=int(re.search(r"(\d+) requests in", out)[1]),
        p50=milliseconds(re.search(r"^\s+50%\s+(\S+)", out, re.M)[1]),
        p99=milliseconds(re.search(r"^\s+99%\s+(\S+)", out, re.M)[1]),
        refused=int(refused[1]) if refused else 0,
        errors=sum(map(int, errors.groups())) if errors else 0,
    )


def h2load(url, connections, seconds, log, *headers):
    """Runs h2load (HTTP/2 over TLS): 64 requests under way on 8 connections, or one on each of fewer than 64."""
    streams = ["-c8", f"-m{connections // 8}"] if connections >= 64 else [f"-c{connections}", "-m1"]
    command = ["h2load", "-t1", *streams, "-D", seconds, f"--log-file={log}"]
    for header in headers:
        command += ["-H", header]
    log.unlink(missing_ok=True)
    subprocess.run([*map(str, command), url], check=True, stdout=subprocess.DEVNULL)
    # One line a request: its start and its duration in microseconds, its status between them.
    answers = [line.split("\t") for line in log.read_text().splitlines()]
    if not answers:
        raise RuntimeError(f"{url} answered nothing")
    durations = sorted(int(answer[2]) / 1000 for answer in answers)
    return Load(
        rate=len(answers) / seconds,
        requests=len(answers),
        p50=durations[len(answers) // 2],
        p99=durations[len(answers) * 99 // 100],
        refused=sum(not answer[1].startswith(("2", "3")) for answer in answers),
        errors=0,
    )


class Rig:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="authgate-load-"))
        self.folder.chmod(0o755)
        self.processes = []
        self.cluster = None
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind not in (None, SystemExit, KeyboardInterrupt):
            for log in self.folder.glob("*.log"):
                say(f"== the end of {log.name}\n{log.read_text()[-1000:]}")
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        if self.cluster:
            self.unprivileged("pg_ctl", "-D", self.cluster / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    # Programs

    def start(self, command, log, **environment):
        """Starts a program that is ended with the rig; its output goes to a file in the rig's folder."""
        with open(self.folder / log, "w") as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **environment},
            )
        self.processes.append(process)
        return process

    def stop(self, process):
        self.processes.remove(process)
        process.terminate()
        process.wait(60)

    def wait_for(self, url, process, log):
        for _ in range(600):
            try:
                urllib.request.urlopen(url, timeout=2, context=UNVERIFIED)
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.02)
            if process.poll() is not None:
                break
        sys.exit(f"no answer from {url}:\n{(self.folder / log).read_text()[-2000:]}")

    # Upstreams and the yardstick

    def nginx(self, name, body, workers=1):
        """nginx with `body` inside `http { … }`. Its port is `$port` in the body and the result's second part."""
        port = free_port()
        scratch = "".join(f"{kind}_temp_path {self.folder}/{name}-{kind}; " for kind in ("fastcgi", "uwsgi", "scgi", "proxy"))
        configuration = self.folder / f"{name}.conf"
        configuration.write_text(
            f"worker_processes {workers}; daemon off; pid {self.folder}/{name}.pid; error_log {self.folder}/{name}.log warn;\n"
            "events { worker_connections 20000; }\n"
            f"http {{ access_log off; {scratch} client_body_temp_path {self.folder}/{name}-body;\n"
            "keepalive_requests 1000000000; keepalive_timeout 600s;\n"
            f"{body.replace('$port', str(port))} }}\n"
        )
        process = self.start(["nginx", "-c", configuration, "-p", self.folder], f"{name}.out")
        self.wait_for(f"http://127.0.0.1:{port}/", process, f"{name}.out")
        return process, port

    def static_upstream(self):
        """The port of a server that answers everything with a few bytes."""
        return self.nginx(
            "upstream", f"server {{ listen 127.0.0.1:$port backlog=8192; location / {{ return 200 '{BODY}'; }} }}"
        )[1]

    def certificate(self):
        """Makes tls.crt and tls.key for this machine, signed by itself."""
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
        files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.folder / "tls.key", "-out", self.folder / "tls.crt"]
        subprocess.run([*command.split(), *files], check=True, stderr=subprocess.DEVNULL)

    def plain_proxy(self, upstream, workers, tls=False, streamed=False):
        """nginx that forwards everything and checks nothing; with `tls`, HTTP/2 by the files of `certificate`.

        With `streamed` bodies of any size are passed on as they come.
        """
        no_files = "client_max_body_size 0; proxy_request_buffering off; proxy_max_temp_file_size 0;" if streamed else ""
        files = f"ssl_certificate {self.folder}/tls.crt; ssl_certificate_key {self.folder}/tls.key;" if tls else ""
        return self.nginx(
            "proxy",
            f"upstream up {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 1000000000; }}\n"
            f"server {{ listen 127.0.0.1:$port {'ssl http2' if tls else ''} backlog=8192; {files} {no_files}"
            " location / { proxy_pass http://up; proxy_http_version 1.1;"
            " proxy_set_header Connection ''; } }",
            workers,
        )

    # PostgreSQL

    def unprivileged(self, program, *arguments):
        """Runs one of PostgreSQL's programs as somebody it agrees to run as."""
        directory = subprocess.run([ROOT / "scripts/pg-bindir"], capture_output=True, text=True, check=True).stdout.strip()
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        command = [*as_postgres, f"{directory}/{program}", *map(str, arguments)]
        # A server outlives pg_ctl and would hold on to a pipe.
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def postgres(self, *settings):
        """Starts a cluster with an empty database; by default it listens on a Unix socket and on loopback."""
        self.cluster, self.database_port = self.folder / "pg", free_port()
        self.cluster.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.cluster, "postgres")
        self.unprivileged("initdb", "-D", self.cluster / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = " ".join(
            f"-c {setting}"
            for setting in (
                f"unix_socket_directories={self.cluster}",
                "listen_addresses=127.0.0.1",
                f"port={self.database_port}",
                f"shared_buffers={os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') // 4 >> 20}MB",
                "max_connections=300",
                "max_wal_size=8GB",
                *settings,
            )
        )
        self.unprivileged("pg_ctl", "-D", self.cluster / "data", "-l", self.cluster / "log", "-w", "start", "-o", options)
        self.unprivileged("createdb", "-h", self.cluster, "-p", self.database_port, "-U", "postgres", "authgate")

    def database_url(self, tcp=False):
        if tcp:
            return f"postgres://postgres@127.0.0.1:{self.database_port}/authgate?sslmode=disable"
        return f"postgres:///authgate?host={self.cluster}&port={self.database_port}&user=postgres"

    def sql(self, text):
        """Runs SQL; what it answers, as text."""
        command = ["psql", "-h", self.cluster, "-p", self.database_port, "-U", "postgres", "-d", "authgate"]
        return subprocess.run(
            [*map(str, command), "-qAtX", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            input=text,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout.strip()

    def database_pid(self):
        return int((self.cluster / "data/postmaster.pid").read_text().split("\n")[0])

    def sessions(self, count, users=None):
        """Fills the tables; the tokens of 50,000 random sessions at most, whose cookies are in the file `cookies`."""
        users = users or min(count, 1_000_000)
        say(f"filling the tables: {users:,} users, {count:,} sessions …")
        self.sql(f"""
            create function bench_token(i bigint) returns text language sql immutable as
                $$ select rtrim(translate(encode(sha256(('bench ' || i)::bytea), 'base64'), '+/', '-_'), '=') $$;
            -- As long, and in the same order, as the ids that AuthGate makes.
            create function bench_id(i bigint) returns text language sql immutable as
                $$ select '01990000-0000-7000-8000-' || lpad(to_hex(i), 12, '0') $$;
            insert into auth.users (id, email, email_verified, name, created_at, updated_at)
                select bench_id(i), 'u' || i || '@example.com', true, 'User ' || i, now(), now()
                from generate_series(1, {users}) i;
            alter table auth.sessions disable trigger user;
            insert into auth.sessions (id, token_hash, user_id, auth_method, ip_address, user_agent, created_at, updated_at, last_seen_at,
                                       expires_at, absolute_expires_at)
                select bench_id(i), sha256(bench_token(i)::bytea), bench_id(i % {users} + 1), 'password', '203.0.113.77',
                       'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36', now(), now(), now(),
                       now() + '7 days', now() + '30 days'
                from generate_series(1, {count}) i;
            alter table auth.sessions enable trigger user;
        """)
        self.sql("vacuum analyze")
        self.sql("checkpoint")
        some = f"select distinct (random() * ({count} - 1))::bigint + 1 as i from generate_series(1, {min(2 * count, 60_000)})"
        tokens = self.sql(f"select bench_token(i) from ({some}) picked limit 50000").split()
        (self.folder / "cookies").write_text("".join(f"authgate_session={token}\n" for token in tokens))
        return tokens

    # AuthGate

    def configure(self, *upstream, tcp=False, server="", database="", sections="", name="gateway", light=None):
        """Writes a configuration with a public and a protected route; what starts from now on uses it.

        `upstream` are the ports of its servers. `light` is that of another upstream's, which has a protected route of its own.
        """
        self.port, self.ops_port = free_port(), free_port()
        self.configuration = self.folder / f"{name}.yaml"
        self.environment = {
            "DATABASE_URL": self.database_url(tcp),
            "AUTHGATE_SECRET": secrets.token_urlsafe(48),
        }
        own_upstream = f', light: {{ servers: ["http://127.0.0.1:{light}"] }}' if light else ""
        own_route = '  - { name: light, match: { path: "/light/**" }, upstream: light, access: required }\n' if light else ""
        servers = ", ".join(f'"http://127.0.0.1:{one}"' for one in upstream)
        self.configuration.write_text(f"""\
server:
  listen: ["127.0.0.1:{self.port}"]
  public_url: "http://127.0.0.1:{self.port}"
  ops_listen: "127.0.0.1:{self.ops_port}"
{server}
database:
  url: {{ env: DATABASE_URL }}
{database}
secret: {{ env: AUTHGATE_SECRET }}
upstreams: {{ api: {{ servers: [{servers}] }}{own_upstream} }}
routes:
{own_route}  - {{ name: public, match: {{ path: "/public/**" }}, upstream: api, access: public }}
  - {{ name: app, match: {{ path: "/**" }}, upstream: api, access: required, websocket: true }}
mail: {{ from: "Bench <bench@example.com>", transport: {{ directory: {self.folder}/mail }} }}
{sections}""")

    def migrate(self, program):
        subprocess.run(
            [program, "migrate", "--config", self.configuration],
            env={**os.environ, **self.environment},
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def authgate(self, program, threads=1, log="authgate.log", **environment):
        """Starts AuthGate. Its access log goes to a file, as it would."""
        environment = {**self.environment, "AUTHGATE_SERVER__THREADS": str(threads), **environment}
        process = self.start([program, "serve", "--config", self.configuration], log, **environment)
        self.wait_for(f"http://127.0.0.1:{environment.get('OPS_PORT', self.ops_port)}/readyz", process, log)
        return process

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def protected(self, connections, seconds, seed=1, **options):
        """wrk on the protected route, a random session for each request."""
        return wrk(
            self.url("/x"), connections, seconds, "-s", HERE / "random-session.lua", SEED=seed, COOKIES=self.folder / "cookies", **options
        )
