//! What a change of `secret` means for those who are signed in.

use crate::harness::TestGateway;

#[tokio::test]
async fn a_new_secret_signs_nobody_out() {
    let mut gw = TestGateway::start().await;
    let alice = gw.signed_up_user("alice").await;
    gw.restart(|command| {
        command.env("AUTHGATE_SECRET", "another-secret-another-secret-another-secret-0123456789");
    })
    .await;
    assert_eq!(alice.status("/items").await, 200);
    assert_eq!(alice.bearer().status("/items").await, 200);
    gw.signed_up_user("bob").await;
}
