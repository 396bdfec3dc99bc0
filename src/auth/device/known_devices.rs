//! Tells people of a sign-in from a device that was not seen with their account before (BRUTE-08).

use time::Duration;

use crate::{
    auth::{Device, Flow},
    language::Texts,
    mail::Message,
    store::{
        StoreError, Tx,
        users::{User, known_devices},
    },
};

/// A device that was not used for longer is news again. Older ones go when their user signs in: until then they tell a
/// first sign-in from a later one.
const KNOWN_FOR: Duration = Duration::days(90);

/// Records the device, and writes to its user where it is new and not the first: in the transaction of the sign-in. A
/// device is its browser and system, so an update of either, another network or an expired session is no news. Whoever
/// imitates the owner's browser goes unnoticed: this is a notice and no defence.
pub(crate) async fn record_device(flow: Flow<'_>, transaction: &mut Tx, user: &User) -> Result<(), StoreError> {
    if !flow.auth.settings.notify_new_device {
        return Ok(());
    }
    let device = Device::parse(&flow.client.user_agent).label();
    let forgotten = known_devices::delete_unseen_since(transaction, &user.id, flow.now - KNOWN_FOR).await?;
    let recorded = known_devices::upsert(transaction, &user.id, &device, flow.now).await?;
    let is_news = recorded.is_new && (recorded.has_known || forgotten > 0);
    if is_news {
        let message = Message::NewDevice {
            name: user.name.clone(),
            device,
            location: flow.auth.locations.find(flow.client.ip.address()).map(|location| location.label()),
            ip: flow.client.ip.to_string(),
            time: Texts::new(flow.language(user)).date_time(flow.now),
            link: flow.auth.settings.public_url.join("/"),
        };
        flow.auth.outbox.enqueue(transaction, &user.email, (&message, flow.reader(Some(&user.id))), flow.now).await?;
    }
    Ok(())
}
