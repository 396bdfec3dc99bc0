//! A redirect target that AuthGate takes stays within the trusted origins, as the URL standard (browsers, that is) reads
//! the Location that is sent, from whatever page.

#![no_main]

use std::sync::LazyLock;

use authgate::{
    auth::CallbackUrl,
    types::{OriginPattern, PublicUrl, TrustedOrigins},
};
use libfuzzer_sys::fuzz_target;
use url::Url;

static PUBLIC: LazyLock<PublicUrl> = LazyLock::new(|| PublicUrl::parse("https://gw.example").expect("an origin"));
static TRUSTED: LazyLock<TrustedOrigins> = LazyLock::new(|| {
    let further = ["http://localhost:3000", "https://*.preview.example.com"];
    let further = further.iter().map(|text| OriginPattern::parse(text).expect("an origin")).collect();
    TrustedOrigins::new(PUBLIC.origin().clone(), further)
});

fn is_trusted(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    match (url.scheme(), url.port()) {
        ("https", None) => host == "gw.example" || host.ends_with(".preview.example.com"),
        ("http", Some(3000)) => host == "localhost",
        _ => false,
    }
}

fn assert_stays(location: &str) {
    assert!(location.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b'\\'), "{location:?}");
    for page in ["https://gw.example/api/auth/verify-email?token=x", "https://gw.example//a/b"] {
        let read = Url::parse(page).expect("a URL").join(location).expect("a browser reads it");
        assert!(is_trusted(&read), "{location:?} leads to {read}");
        assert!(read.username().is_empty() && read.password().is_none(), "{location:?}");
    }
    // As repaired by readers that decode or fold first.
    let repaired = location.replace("%2F", "/").replace("%2f", "/").replace("%5C", "/").replace("%5c", "/");
    assert!(!location.starts_with('/') || location.contains('?') || !repaired.starts_with("//"), "{location:?}");
}

fuzz_target!(|text: &str| {
    let Ok(target) = CallbackUrl::parse(text, &TRUSTED, &PUBLIC) else { return };
    assert_stays(target.as_str());
    assert_stays(&target.with_error("INVALID_TOKEN"));
    assert_stays(&target.absolute_with_error("INVALID_TOKEN", &PUBLIC));
    let again = CallbackUrl::parse(target.as_str(), &TRUSTED, &PUBLIC);
    assert_eq!(again.as_ref().map(CallbackUrl::as_str), Ok(target.as_str()), "what was sent is taken again");
});
