//! The compose file as far as it can be judged without running it.

use serde_json::Value;

use super::{read, repository};

#[test]
fn the_compose_file_mounts_what_exists_and_publishes_no_more_than_it_says() {
    let compose: Value = serde_yaml::from_str(&read("examples/compose.yaml")).unwrap();
    let examples = repository().join("examples");
    for (name, service) in compose["services"].as_object().unwrap() {
        let texts = |key: &str| {
            let list = service[key].as_array().cloned().unwrap_or_default();
            list.iter().map(|item| item.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        for volume in texts("volumes").iter().filter(|volume| volume.starts_with('.')) {
            let (source, target) = volume.split_once(':').unwrap();
            assert!(examples.join(source).exists() && target.ends_with(":ro"), "{name}: {volume}");
        }
        let ports = texts("ports");
        assert_eq!(!ports.is_empty(), ["authgate", "grafana"].contains(&name.as_str()), "{name} publishes {ports:?}");
        assert!(ports.iter().all(|port| port.starts_with("127.0.0.1:")), "{name}: {ports:?}");
        for network in texts("networks") {
            let is_internal = compose["networks"][&network]["internal"] == true;
            assert!(is_internal || !ports.is_empty(), "{name} reaches out through {network}");
        }
        if let (Some(image), None) = (service["image"].as_str(), service.get("build")) {
            assert!(image.rsplit_once(':').is_some_and(|(_, tag)| tag.contains('.')), "{name}: {image} is not pinned");
        }
    }
}
