//! Turns a message into the bytes that travel.

use lettre::message::{
    Attachment, Mailbox, MultiPart, SinglePart,
    header::{HeaderName, HeaderValue},
};
use time::OffsetDateTime;

use crate::mail::{
    delivery_error::DeliveryError,
    look::Logo,
    message::{LOGO_ID, Rendered},
    outbox::OutboxMessage,
    settings::Sender,
};

/// Puts plain text and HTML into one message. The same message always becomes the same Message-ID and Date.
pub(crate) fn compose(
    Sender { from, look }: &Sender,
    queued: &OutboxMessage,
    rendered: &Rendered,
    written_at: OffsetDateTime,
) -> Result<lettre::Message, DeliveryError> {
    let to = queued
        .to
        .as_str()
        .parse()
        .map_err(|_| DeliveryError::Permanent("the recipient's address cannot be used in a message".to_owned()))?;
    lettre::Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(&rendered.subject)
        .date(written_at.into())
        .message_id(Some(format!("<{}@{}>", queued.id, from.email.domain())))
        // This keeps out-of-office programs from answering (RFC 3834 §5).
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()))
        .multipart(body(rendered, look.logo.as_ref()))
        .map_err(|_| DeliveryError::Permanent("the message could not be composed".to_owned()))
}

/// Joins both forms. A logo is a part beside the HTML that shows it (RFC 2387).
fn body(rendered: &Rendered, logo: Option<&Logo>) -> MultiPart {
    let Some(Logo { content_type, bytes }) = logo else {
        return MultiPart::alternative_plain_html(rendered.text.clone(), rendered.html.clone());
    };
    let picture = Attachment::new_inline(LOGO_ID.to_owned()).body(bytes.clone(), content_type.clone());
    let page = MultiPart::related().singlepart(SinglePart::html(rendered.html.clone())).singlepart(picture);
    MultiPart::alternative().singlepart(SinglePart::plain(rendered.text.clone())).multipart(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        language::{Language, Texts},
        mail::{Look, Message, OutboxMessageId},
    };

    fn composed(from: &str, name: &str) -> String {
        let from: Mailbox = from.parse().unwrap();
        composed_by(&Sender { look: Look::from_sender(&from), from }, name)
    }

    fn composed_by(sender: &Sender, name: &str) -> String {
        let queued = OutboxMessage {
            id: OutboxMessageId::generate(),
            to: "bob@example.org".parse().unwrap(),
            message: Message::VerifyEmail {
                name: name.to_owned(),
                link: "https://app.example.com/v?token=t".to_owned(),
                expires_in_minutes: 15,
            },
            language: Language::English,
        };
        let rendered = queued.message.render(&sender.look, Texts::new(queued.language)).unwrap();
        let at = OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap();
        let message = compose(sender, &queued, &rendered, at).unwrap();
        assert!(String::from_utf8(message.formatted()).unwrap().contains(&queued.id.to_string()));
        String::from_utf8(message.formatted()).unwrap()
    }

    #[test]
    fn has_the_headers_of_an_automatic_two_part_message() {
        let mail = composed("App <no-reply@example.com>", "Bob");
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        for header in [
            "From: App <no-reply@example.com>",
            "To: bob@example.org",
            "Subject: Confirm your e-mail address for App",
            "Date: Mon, 21 Sep 2026 14:13:20 +0000",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(head.lines().any(|line| line == header), "{header} in {head}");
        }
        assert!(head.contains("@example.com>\r\n") && head.contains("Content-Type: multipart/alternative"), "{head}");
        assert!(body.contains("Content-Type: text/plain") && body.contains("Content-Type: text/html"), "{body}");
    }

    #[test]
    fn no_text_becomes_a_header() {
        let mail = composed("\"App\u{a0}Ä\" <no-reply@example.com>", "Eve\r\nBcc: all@example.com\r\n\r\nHi");
        let (head, _) = mail.split_once("\r\n\r\n").unwrap();
        assert!(!mail.contains("Bcc"), "{mail}");
        assert!(head.is_ascii(), "{head}");
    }

    #[test]
    fn a_logo_travels_in_the_message() {
        let from: Mailbox = "App <no-reply@example.com>".parse().unwrap();
        let look = Look { logo: Logo::new(b"\x89PNG\r\n\x1a\n"), ..Look::from_sender(&from) };
        let mail = composed_by(&Sender { from, look }, "Bob").replace("=\r\n", "");
        for part in ["multipart/related", "Content-ID: <logo>", "Content-Disposition: inline", "image/png", "cid:logo"]
        {
            assert!(mail.contains(part), "{part} in {mail}");
        }
    }
}
