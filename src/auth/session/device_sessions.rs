//! Lets one browser keep the sessions of several accounts, one of which is active: the one that its requests are made
//! with. A browser can name only what it holds the cookie of (SESS-18).

use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::{
    auth::{
        DeviceSessionCookie, Flow, FoundSession,
        audit::record::record,
        session::{find::find_session, sign_out::sign_out},
    },
    store::{
        StoreError,
        audit::{Event, Outcome},
        sessions,
    },
    types::{SessionId, SessionKey, SessionToken, TokenHash, UserId},
};

/// Ends the session that a browser had before a sign-in (SESS-02). One of another account goes on where the browser
/// keeps it and there is room for one more. The user has to be locked, and whoever owns the session that is replaced.
pub(crate) async fn end_former(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    user: &UserId,
    replaces: Option<&SessionToken>,
) -> Result<(), StoreError> {
    let Some(former) = replaces.map(SessionToken::hash) else { return Ok(()) };
    let is_former = |cookie: &DeviceSessionCookie| cookie.token.hash() == former;
    if let Some(settings) = flow.auth.settings.multi_session
        && flow.device_session_cookies.iter().any(is_former)
    {
        let others = find_by_owner(flow, connection, user).await?.others;
        if others.len() < settings.max && others.into_iter().any(is_former) {
            return Ok(());
        }
    }
    sessions::delete_by_token(connection, &former).await?;
    Ok(())
}

/// Describes what a browser has to do to its cookies when one more session was opened in it.
#[derive(Debug, Default)]
pub struct DeviceSessionCookieChanges {
    /// Tells whether the new session gets a cookie of its own. There may be no room.
    pub keeps_new: bool,
    /// Lists the sessions that are over, whose cookies go.
    pub ended: Vec<SessionId>,
}

/// Makes room for one more session of a locked user in a browser that keeps several: there is one of each account, so
/// that an older one of the same user ends.
pub(crate) async fn make_room(
    flow: Flow<'_>,
    connection: &mut PgConnection,
    user: &UserId,
) -> Result<DeviceSessionCookieChanges, StoreError> {
    let Some(settings) = flow.auth.settings.multi_session else { return Ok(DeviceSessionCookieChanges::default()) };
    let ByOwner { others, own, mut ended } = find_by_owner(flow, connection, user).await?;
    for own in own {
        sessions::delete_by_token(connection, &own.token.hash()).await?;
        ended.push(own.id.clone());
    }
    Ok(DeviceSessionCookieChanges { keeps_new: others.len() < settings.max, ended })
}

/// Holds the sessions that a browser has cookies of, as seen by one user.
#[derive(Default)]
struct ByOwner<'a> {
    others: Vec<&'a DeviceSessionCookie>,
    own: Vec<&'a DeviceSessionCookie>,
    ended: Vec<SessionId>,
}

async fn find_by_owner<'a>(
    flow: Flow<'a>,
    connection: &mut PgConnection,
    user: &UserId,
) -> Result<ByOwner<'a>, StoreError> {
    let (known, ended) = split_known(flow, connection).await?;
    let mut found = ByOwner { ended, ..ByOwner::default() };
    for cookie in known {
        match sessions::find_active(connection, &SessionKey::Token(cookie.token.hash())).await? {
            Some((session, owner)) if session.id == cookie.id && owner.id == *user => found.own.push(cookie),
            Some((session, _)) if session.id == cookie.id => found.others.push(cookie),
            _ => found.ended.push(cookie.id.clone()),
        }
    }
    Ok(found)
}

/// Splits the cookies of a browser into those of sessions that there are and the ids of those that there are not. Made-up
/// cookies cost one statement together.
async fn split_known<'a>(
    flow: Flow<'a>,
    connection: &mut PgConnection,
) -> Result<(Vec<&'a DeviceSessionCookie>, Vec<SessionId>), StoreError> {
    if flow.device_session_cookies.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let hashes: Vec<TokenHash> = flow.device_session_cookies.iter().map(|cookie| cookie.token.hash()).collect();
    let known = sessions::list_known(connection, &hashes).await?;
    let (mut live, mut ended) = (Vec::new(), Vec::new());
    for (cookie, hash) in flow.device_session_cookies.iter().zip(&hashes) {
        if known.contains(hash) {
            live.push(cookie);
        } else {
            ended.push(cookie.id.clone());
        }
    }
    Ok((live, ended))
}

/// Is a live session that a browser holds.
#[derive(Debug)]
pub struct DeviceSession {
    pub found: FoundSession,
    pub token: SessionToken,
    /// It is the one that requests are made with.
    pub is_active: bool,
    /// Has a cookie of its own, beside the one of the active session.
    pub has_cookie: bool,
}

/// Holds the sessions of a browser.
#[derive(Debug, Default)]
pub struct DeviceSessions {
    /// Lists the live ones, oldest first.
    pub live: Vec<DeviceSession>,
    /// Lists those whose cookies open nothing any more.
    pub ended: Vec<SessionId>,
}

impl DeviceSessions {
    /// Leaves one session of each account: the active one, or else the newest. Two sign-ins at once may have left two.
    fn retain_one_per_user(&mut self) {
        let mut shown: Vec<DeviceSession> = Vec::new();
        for session in self.live.drain(..).rev() {
            match shown.iter_mut().find(|shown| shown.found.user.id == session.found.user.id) {
                Some(shown) if session.is_active => *shown = session,
                Some(_) => {}
                None => shown.push(session),
            }
        }
        shown.sort_by_key(DeviceSession::age_key);
        self.live = shown;
    }

    /// Takes out the session that a client names: by the handle in the list, or by its token.
    fn take(&mut self, flow: Flow<'_>, named: &str) -> Result<DeviceSession, DeviceSessionError> {
        let token = flow.auth.settings.cookie.token(named.as_bytes()).map(|token| token.hash());
        let is_named =
            |session: &DeviceSession| session.found.session.id.as_str() == named || token == Some(session.token.hash());
        match self.live.iter().position(is_named) {
            Some(at) => Ok(self.live.remove(at)),
            None => Err(DeviceSessionError::NotHeld { ended: std::mem::take(&mut self.ended) }),
        }
    }
}

impl DeviceSession {
    fn age_key(&self) -> (OffsetDateTime, SessionId) {
        (self.found.session.created_at, self.found.session.id.clone())
    }
}

/// Describes why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum DeviceSessionError {
    /// The browser holds no such session, or it is over.
    #[error("the browser holds no such session")]
    NotHeld {
        /// Lists those whose cookies open nothing any more.
        ended: Vec<SessionId>,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lists what a browser is signed in to, one session of each account. `active` is the session that it presents.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn list_device_sessions(flow: Flow<'_>, active: Option<&SessionToken>) -> Result<DeviceSessions, StoreError> {
    let mut held = find_all(flow, active).await?;
    held.retain_one_per_user();
    Ok(held)
}

async fn find_all(flow: Flow<'_>, active: Option<&SessionToken>) -> Result<DeviceSessions, StoreError> {
    let (known, ended) = split_known(flow, &mut *flow.auth.db.acquire().await?).await?;
    let mut held = DeviceSessions { ended, ..DeviceSessions::default() };
    let active_hash = active.map(SessionToken::hash);
    for cookie in known {
        match find_session(flow.auth, &cookie.token).await? {
            Some(found) if found.session.id == cookie.id => {
                let is_active = active_hash == Some(cookie.token.hash());
                held.live.push(DeviceSession { found, token: cookie.token.clone(), is_active, has_cookie: true });
            }
            _ => held.ended.push(cookie.id.clone()),
        }
    }
    if let Some(token) = active
        && !held.live.iter().any(|session| session.is_active)
        && let Some(found) = find_session(flow.auth, token).await?
    {
        held.live.push(DeviceSession { found, token: token.clone(), is_active: true, has_cookie: false });
    }
    held.live.sort_by_key(DeviceSession::age_key);
    Ok(held)
}

/// Is what came of a switch to another session.
#[derive(Debug)]
pub struct Activated {
    pub session: DeviceSession,
    /// Is the one that was active before, where the browser has no other cookie of it yet and room for one.
    pub former: Option<DeviceSession>,
    /// Tells whether an administrator left a user's place, which is over then.
    pub has_left_impersonation: bool,
}

/// Makes one of the sessions that a browser holds the active one. Nothing of the session changes. The one that was
/// active before ends where the browser has neither a cookie of it nor room for one, as at a sign-in; so does one in a
/// user's place, to which nobody comes back (ADMIN-02).
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn activate_session(
    flow: Flow<'_>,
    active: Option<&SessionToken>,
    named: &str,
) -> Result<Activated, DeviceSessionError> {
    let mut held = find_all(flow, active).await?;
    let session = held.take(flow, named)?;
    let kept = held.live.iter().chain([&session]).filter(|session| session.has_cookie).count();
    let is_full = flow.auth.settings.multi_session.is_none_or(|settings| kept >= settings.max);
    let is_impersonation = |session: &DeviceSession| session.found.session.impersonated_by.is_some();
    let active = held.live.into_iter().find(|former| former.is_active);
    let has_left_impersonation = active.as_ref().is_some_and(is_impersonation);
    let mut former = active.filter(|former| !former.has_cookie || has_left_impersonation);
    if let Some(ended) = former.take_if(|_| is_full || has_left_impersonation) {
        sign_out(flow, &ended.token).await?;
    }
    let mut connection = flow.auth.db.acquire().await?;
    let client = flow.client.acting_in(&session.found.session);
    let flow = Flow { client: &client, ..flow };
    record(flow, &mut connection, (Event::SessionActivated, Outcome::Success), Some(&session.found.user.id)).await?;
    Ok(Activated { session, former, has_left_impersonation })
}

/// Is what is left of the sessions of a browser when one of them ended.
#[derive(Debug)]
pub struct EndedDeviceSession {
    pub id: SessionId,
    /// Tells whether it was the active one.
    pub was_active: bool,
    /// Is the newest of the others.
    pub next: Option<DeviceSession>,
}

/// Ends one of the sessions that a browser holds. `active` is the session that it presents; without one, none takes its
/// place.
#[tracing::instrument(level = "debug", skip_all, fields(request.id = flow.client.request_id.as_str()))]
pub async fn end_device_session(
    flow: Flow<'_>,
    active: Option<&SessionToken>,
    named: &str,
) -> Result<EndedDeviceSession, DeviceSessionError> {
    let mut held = find_all(flow, active).await?;
    let session = held.take(flow, named)?;
    sign_out(flow, &session.token).await?;
    Ok(EndedDeviceSession { id: session.found.session.id, was_active: session.is_active, next: held.live.pop() })
}
