### The pages of administration.

admin-users = Users
admin-organizations = Organizations
admin-audit = Audit log
admin-outbox = Mail outbox
admin-health = Health
admin-paging = Pages of the list
admin-previous = Previous
admin-next = Next
admin-to-the-first = To the start
admin-page-of = { $first }–{ $last } of { $total }
admin-search = Search
admin-search-in = Search in
admin-any = All
admin-role = Role
admin-roles = Roles
admin-roles-hint = Separate several with commas, such as admin, support.
admin-filter-ban = Ban
admin-banned = Banned
admin-not-banned = Not banned
admin-filter-address = Address
admin-verified = Address confirmed
admin-not-verified = Address not confirmed
admin-two-factor = Two-factor authentication
admin-users-found =
    { $count ->
        [one] { $count } user
       *[other] { $count } users
    }
admin-created = Created { $when }
admin-since = Since { $when }
admin-create-user = Create a user
admin-create-user-text = Without a password, the user gets an e-mail with a link to choose one.
admin-password-hint = Leave it empty to let the user choose.
admin-address-is-theirs = The address is known to be theirs
admin-about = About
admin-created-at = Created
admin-changed-at = Last change
admin-user-id = ID
admin-banned-until = Ban ends
admin-for-good = never
admin-ban-reason = Reason
admin-events-of-user = Their events in the audit log
admin-sessions = Sessions
admin-no-sessions = Not signed in anywhere.
admin-more-sessions =
    { $count ->
        [one] { $count } more session is not shown.
       *[other] { $count } more sessions are not shown.
    }
admin-unknown-device = Unknown device
admin-last-seen = Last used { $when }
admin-signed-in = Signed in { $when }
admin-impersonated = An administrator acts in this session.
admin-end-session = End
admin-end-sessions = End all sessions
admin-sign-in = Ways to sign in
admin-no-sign-in = No password, passkey or linked account is set up.
admin-passkey = Passkey
admin-factor-app = Two-factor authentication: authenticator app
admin-factor-mail = Two-factor authentication: codes by e-mail
admin-factor-unproved = Not finished: nobody is asked for it yet.
admin-backup-codes =
    { $count ->
        [one] { $count } backup code left
       *[other] { $count } backup codes left
    }
admin-trusted-browsers =
    { $count ->
        [one] { $count } trusted browser
       *[other] { $count } trusted browsers
    }
admin-roles-text = The new roles apply from the next request of every session.
admin-ban-heading = Ban
admin-ban-text = All sessions end, and nobody can sign in to the account.
admin-ban-reason-hint = Seen by administrators only.
admin-ban-until = Until
admin-ban-until-hint = The ban ends when this day begins (UTC). Without a day it never ends.
admin-ban-until-past = Choose a day in the future.
admin-ban = Ban the user
admin-unban-heading = Lift the ban
admin-unban-text = The user can sign in again at once.
admin-unban = Lift the ban
admin-password-heading = Password
admin-password-text = All sessions end, and the user is told by e-mail.
admin-impersonate-heading = Act as this user
admin-impersonate-for = You see what the user sees, for { $duration } at most. It is recorded.
admin-impersonate = Act as this user
admin-remove-heading = Remove
admin-remove-text = The account is deleted with everything that belongs to it.
admin-remove-user = Remove the user
admin-remove-question = Remove this user?
admin-remove-confirm = This cannot be undone.
admin-said-user-created = The user is created.
admin-said-user-removed = The user is removed.
admin-said-roles-set = The roles are changed.
admin-said-banned = The user is banned.
admin-said-unbanned = The ban is lifted.
admin-said-session-ended = The session is ended.
admin-said-sessions-ended = All sessions are ended.
admin-said-password-set = The password is set.
admin-said-mail-retried = It is being sent again.
admin-event = Event
admin-event-user = User (address or ID)
admin-from = From
admin-to = To
admin-event-about = Account
admin-event-actor = Done by
admin-event-address = IP address
admin-event-browser = Browser
admin-event-request = Request
admin-event-detail = Detail
admin-details = More
admin-no-events = No events found.
admin-export-csv = Download as a table (CSV)
admin-export-jsonl = Download as JSON lines
admin-export-bounds = What the filters find, the newest { $events } events or { $size } MB at most. The name of a file that was cut off says so. The command authgate audit export has no limit.
admin-slug = Short name
admin-organization-id = ID
admin-no-organizations = No organizations found.
admin-members-count =
    { $count ->
        [one] { $count } member
       *[other] { $count } members
    }
admin-mail-state = State
admin-mail-failed = Given up
admin-mail-waiting = Waiting
admin-mail-failed-count =
    { $count ->
        [one] { $count } given up
       *[other] { $count } given up
    }
admin-mail-waiting-count =
    { $count ->
        [one] { $count } waiting
       *[other] { $count } waiting
    }
admin-mail-oldest =
    { $count ->
        [one] The oldest has been waiting for { $count } minute.
       *[other] The oldest has been waiting for { $count } minutes.
    }
admin-mail-made = Written { $when }
admin-mail-given-up = Given up { $when }
admin-mail-next = Next attempt { $when }
admin-mail-attempts =
    { $count ->
        [one] { $count } attempt
       *[other] { $count } attempts
    }
admin-mail-error = Reason: { $error }
admin-mail-retry = Send again
admin-mail-retry-all = Send again all that were given up
admin-no-mail = No e-mails are waiting, and none were given up.
admin-all-well = All is well
admin-not-all-well = Something needs attention
admin-checks = Checks
admin-gateway-version = AuthGate
admin-database = Database
admin-database-state = PostgreSQL { $version }, responds in { $ms } ms
admin-connections = Connections
admin-connections-state = { $used } of { $max } in use
admin-tasks = Background work
admin-tasks-run = All running
admin-tasks-stopped = Stopped: { $tasks }
admin-upstreams = Applications behind the gateway
admin-upstream-up = In service
admin-upstream-down = Out of service
admin-configuration = Configuration in force
admin-configuration-newest = The file is in force as it was when last read.
admin-configuration-refused = The file was changed since, but has mistakes: the configuration before it stays in force. The log names them.
admin-configuration-file = File
admin-configuration-loaded = Loaded
