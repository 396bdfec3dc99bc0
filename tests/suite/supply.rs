//! What is shipped, and what it is made of: the lock file, the image, the example, the checks that CI runs.

use std::{fs, path::Path, process::Command};

use serde_json::Value;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns names and versions as they stand in a lock file.
fn packages(file: &str) -> Vec<(String, String)> {
    let value =
        |line: &str, key: &str| Some(line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned());
    let text = read(file);
    let lines: Vec<&str> = text.lines().collect();
    lines.windows(2).filter_map(|two| Some((value(two[0], "name")?, value(two[1], "version")?))).collect()
}

/// Returns the same, with versions that can be compared.
fn locked(file: &str) -> Vec<(String, Vec<u64>)> {
    let numbers = |version: String| version.split('.').filter_map(|part| part.parse().ok()).collect();
    packages(file).into_iter().map(|(name, version)| (name, numbers(version))).collect()
}

/// Names and versions of what Cargo.toml names as dependencies of the program, by the lock file.
fn dependencies() -> Vec<(String, String)> {
    let (manifest, lock) = (read("Cargo.toml"), read("Cargo.lock"));
    let after = |text: &str, start: &str, end: &str| {
        let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{start:?}"));
        rest.split_once(end).unwrap_or_else(|| panic!("{end:?}")).0.to_owned()
    };
    // "name", or "name version" where the lock file holds several versions.
    let own = after(&lock, "name = \"authgate\"\n", "\n]");
    let own: Vec<&str> = own.lines().filter_map(|line| line.strip_prefix(" \"")?.strip_suffix("\",")).collect();
    let packages = packages("Cargo.lock");
    let lines = after(&manifest, "\n[dependencies]\n", "\n[");
    let named = lines.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    let dependency = |(key, value): (&str, &str)| {
        let renamed = value.split_once("package = \"").and_then(|(_, rest)| rest.split_once('"'));
        let name = renamed.map_or(key, |(name, _)| name);
        let entry = own.iter().find(|entry| entry.split(' ').next() == Some(name));
        let entry = entry.unwrap_or_else(|| panic!("{name} is not in the lock file"));
        let version = entry.split_once(' ').map_or_else(
            || packages.iter().find(|(package, _)| package == name).map(|(_, version)| version.as_str()),
            |(_, version)| Some(version),
        );
        (name.to_owned(), version.unwrap_or_else(|| panic!("{name} has no version")).to_owned())
    };
    named.map(dependency).collect()
}

/// The licences that a file allows under this key.
fn allowed(path: &str, key: &str) -> Vec<String> {
    let text = read(path);
    let (_, rest) = text.split_once(&format!("\n{key} = [\n")).unwrap_or_else(|| panic!("{path}: {key}"));
    let lines = rest.lines().take_while(|line| !line.starts_with(']'));
    let mut names: Vec<String> = lines.filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn one_tls_stack_and_no_version_with_a_known_hole() {
    let locked = locked("Cargo.lock");
    assert!(locked.len() > 100, "{}", locked.len());
    let others = ["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys", "boring", "boring-sys"];
    let found: Vec<_> = locked.iter().filter(|(name, _)| others.contains(&name.as_str())).collect();
    assert!(found.is_empty(), "{found:?}");
    for (name, least) in [
        ("pingora", [0, 9, 1]),
        ("pingora-core", [0, 9, 1]),
        ("pingora-proxy", [0, 9, 1]),
        ("sqlx", [0, 9, 0]),
        ("h2", [0, 4, 20]),
        ("rustls", [0, 23, 46]),
        ("ring", [0, 17, 14]),
        // In older versions a load could return what another cell holds (vorner/arc-swap#210).
        ("arc-swap", [1, 9, 5]),
        ("nix", [0, 31, 0]),
    ] {
        let versions: Vec<_> = locked.iter().filter(|(locked, _)| locked == name).collect();
        assert!(!versions.is_empty(), "{name} is not in the lock file");
        assert!(versions.iter().all(|(_, version)| version[..] >= least[..]), "{versions:?}");
    }
}

#[test]
fn the_fuzz_targets_share_the_versions_that_matter() {
    let locked = locked("fuzz/Cargo.lock");
    for (name, least) in [("arc-swap", [1, 9, 5]), ("nix", [0, 31, 0])] {
        let versions: Vec<_> = locked.iter().filter(|(locked, _)| locked == name).collect();
        assert!(!versions.is_empty() && versions.iter().all(|(_, version)| version[..] >= least[..]), "{versions:?}");
    }
    let manifest = read("Cargo.toml");
    let pingora = manifest.lines().find(|line| line.starts_with("pingora = ")).unwrap();
    assert!(!pingora.contains("\"lb\""), "{pingora}");
}

#[test]
fn exceptions_of_the_audit_have_a_reason_and_a_date() {
    let deny = read("deny.toml");
    let exceptions: Vec<&str> = deny.lines().filter(|line| line.contains("id = \"RUSTSEC-")).collect();
    for exception in exceptions {
        let reason = exception.split("reason = \"").nth(1).unwrap_or_else(|| panic!("{exception}"));
        let (date, why) = reason.split_once(": ").unwrap_or_else(|| panic!("{exception}"));
        assert!(date.len() == 10 && date.starts_with("20") && why.len() > 40, "{exception}");
    }
    for setting in ["yanked = \"deny\"", "unknown-registry = \"deny\"", "unknown-git = \"deny\""] {
        assert!(deny.contains(setting), "{setting}");
    }
    let script = read("scripts/test");
    for check in ["cargo deny --locked check bans licenses sources", "advisories", "clippy --locked", "-D warnings"] {
        assert!(script.contains(check), "{check}");
    }
    assert!(!script.contains("cargo-deny not installed"), "the check is not skipped");
    let setup = read("scripts/setup");
    let (packages, deny) =
        (setup.find("install \"${packages[@]}\""), setup.find("--debug --version 0.20.2 cargo-deny"));
    assert!(packages.is_some() && packages < deny, "compiling it needs the compiler that is among the packages");
    assert!(read(".ci/run").trim_end().ends_with("exec ./scripts/test"), "CI runs scripts/test and nothing else");
}

/// A failure means that Cargo.lock has changed since `scripts/licenses` ran.
#[test]
fn the_command_prints_the_licence_of_every_dependency() {
    let output = Command::new(env!("CARGO_BIN_EXE_authgate")).arg("licenses").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("it is UTF-8");
    let rule = |character: &str| format!("\n{}\n", character.repeat(80));
    let (mut named, mut kinds) = (Vec::new(), Vec::new());
    for section in printed.split(&rule("=")).skip(1) {
        let (head, text) = section.split_once(&rule("-")).unwrap_or_else(|| panic!("{section}"));
        let users: Vec<&str> = head.lines().filter_map(|line| line.strip_prefix("  - ")).collect();
        assert!(!users.is_empty() && text.trim().len() > 200, "{section}");
        named.extend(users);
        kinds.push(head.lines().next().unwrap());
    }
    let together = |(name, version): (String, String)| format!("{name} {version}");
    let locked: Vec<String> = packages("Cargo.lock").into_iter().map(together).collect();
    let gone: Vec<&str> = named.iter().copied().filter(|user| !locked.iter().any(|package| package == user)).collect();
    assert_eq!(gone, ["AuthGate"], "run scripts/licenses: these are locked no longer");
    let dependencies: Vec<String> = dependencies().into_iter().map(together).collect();
    assert!(dependencies.len() > 50, "{dependencies:?}");
    let missing: Vec<&String> = dependencies.iter().filter(|package| !named.contains(&package.as_str())).collect();
    assert!(missing.is_empty(), "run scripts/licenses: without a licence are {missing:?}");
    for (kind, words) in [
        ("Apache License 2.0 (Apache-2.0)", "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION"),
        ("MIT License (MIT)", "Permission is hereby granted, free of charge, to any person"),
        ("ISC License (ISC)", "Permission to use, copy, modify, and/or distribute this software"),
        ("zlib License (Zlib)", "This notice may not be removed or altered from any source distribution."),
    ] {
        assert!(kinds.contains(&kind) && printed.contains(words), "{kind}");
    }
}

#[test]
fn what_may_be_a_dependency_may_be_printed() {
    let names = allowed("deny.toml", "allow");
    assert!(names.len() > 5, "{names:?}");
    assert_eq!(allowed("about.toml", "accepted"), names);
}

#[test]
fn the_toolchain_is_pinned() {
    let toolchain = read("rust-toolchain.toml");
    let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = \"")?.strip_suffix('"')).unwrap();
    assert_eq!(channel.split('.').filter(|part| part.parse::<u32>().is_ok()).count(), 3, "{channel}");
    let dockerfile = read("Dockerfile");
    assert!(dockerfile.contains(&format!("FROM rust:{channel}-trixie")), "the image is built with another compiler");
}

#[test]
fn unsafe_code_is_forbidden_and_overflow_checked() {
    let manifest = read("Cargo.toml");
    for line in
        ["unsafe_code = \"forbid\"", "unwrap_used = \"warn\"", "allow_attributes = \"deny\"", "overflow-checks = true"]
    {
        assert!(manifest.lines().any(|found| found == line), "{line}");
    }
}

#[test]
fn the_image_has_no_shell_no_root_and_no_secret() {
    let dockerfile = read("Dockerfile");
    let last = dockerfile.rsplit("\nFROM ").next().unwrap();
    let instructions: Vec<&str> = last.lines().filter(|line| line.starts_with(char::is_uppercase)).collect();
    let image = last.lines().next().unwrap();
    // A release pins it by digest.
    let name = image.split_once("@sha256:").map_or(image, |(name, _)| name);
    // Debian 13 is what it is built on, too: the program needs the C library of the image.
    assert_eq!(name, "gcr.io/distroless/cc-debian13:nonroot", "{image}");
    let base = format!("org.opencontainers.image.base.name=\"{name}\"");
    let version = format!("org.opencontainers.image.version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(last.contains(&base) && last.contains(&version), "{last}");
    // The user is named by number, as Kubernetes' runAsNonRoot needs it.
    assert!(instructions.contains(&"USER 65532:65532"), "{instructions:?}");
    assert!(dockerfile.contains("cargo auditable build --locked --release --bin authgate"), "{dockerfile}");
    let copied: Vec<&&str> =
        instructions.iter().filter(|line| line.starts_with("COPY") || line.starts_with("ADD")).collect();
    assert!(copied.len() == 1 && copied[0].ends_with(" /usr/local/bin/authgate"), "{copied:?}");
    assert!(
        !instructions.iter().any(|line| line.starts_with("RUN") || line.starts_with("ENV") || line.starts_with("ARG"))
    );
    assert!(!dockerfile.to_ascii_uppercase().contains("SECRET"), "{dockerfile}");
}

#[test]
fn the_example_publishes_no_upstream() {
    let compose: Value = serde_yaml::from_str(&read("examples/compose.yaml")).unwrap();
    let services = compose["services"].as_object().unwrap();
    for upstream in ["api", "db"] {
        assert!(services[upstream]["ports"].is_null(), "whoever reaches {upstream} past the gateway is whom they say");
    }
    let ports = services.values().filter_map(|service| service["ports"].as_array()).flatten();
    let beyond: Vec<&Value> =
        ports.filter(|port| !port.as_str().is_some_and(|p| p.starts_with("127.0.0.1:"))).collect();
    assert!(!services["authgate"]["ports"].is_null() && beyond.is_empty(), "{beyond:?}");
    for network in ["app", "data"] {
        assert_eq!(compose["networks"][network]["internal"], true, "{network}");
    }
    let gateway = &services["authgate"];
    assert_eq!((&gateway["read_only"], &gateway["cap_drop"][0]), (&Value::Bool(true), &Value::from("ALL")));
    for variable in ["AUTHGATE_SECRET", "DATABASE_URL"] {
        let value = gateway["environment"][variable].as_str().unwrap();
        assert!(value.contains("${") && value.contains(":?"), "{variable} has to be given: {value}");
    }
}

/// That they run is not shown here: they need another toolchain (`scripts/fuzz`).
#[test]
fn every_parser_of_strangers_bytes_is_fuzzed() {
    let (manifest, page) = (read("fuzz/Cargo.toml"), read("docs/fuzzing.md"));
    for target in [
        "bearer",
        "body_copy",
        "callback_url",
        "canonical_path",
        "chunked_body",
        "cookies",
        "header_filter",
        "request_head",
        "response_head",
        "webauthn",
        "yaml_config",
    ] {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
        assert!(read(&format!("fuzz/fuzz_targets/{target}.rs")).contains("fuzz_target!"), "{target}");
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
        assert!(fs::read_dir(&corpus).unwrap().count() >= 10, "{target} begins with next to nothing");
        assert!(page.contains(&format!("| `{target}` |")), "{target} is not on the page");
    }
}
