//! Draws QR codes, for the address of a secret that an authenticator app reads with a camera.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use qrcode::{Color, QrCode};

/// Leaves so many modules blank around a code, as readers expect (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;
/// Is how large a module is drawn where nothing else says how large the picture is to be.
const MODULE_SIZE: usize = 4;

/// Returns a picture of the text as an SVG element, or `None` where the text is too long for a code. It is black on
/// white whatever is around it: many readers take no other.
pub(crate) fn qr_code_svg(text: &str) -> Option<String> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let (view, shown) = (width + 2 * QUIET_ZONE, (width + 2 * QUIET_ZONE) * MODULE_SIZE);
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {view} {view}" width="{shown}" height="{shown}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{view}v{view}H0z"/><path d=""##
    );
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        for run in modules.chunk_by(|left, right| left == right) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, length) = (column + QUIET_ZONE, row + QUIET_ZONE, run.len());
                write!(svg, "M{x} {y}h{length}v1h-{length}z").expect("writing to a string does not fail");
            }
            column += run.len();
        }
    }
    svg.push_str(r#""/></svg>"#);
    Some(svg)
}

/// Returns the same as an address that an `img` shows.
pub(crate) fn qr_code_url(text: &str) -> Option<String> {
    qr_code_svg(text).map(|svg| format!("data:image/svg+xml;base64,{}", STANDARD.encode(svg)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what a camera reads of the picture.
    fn read(svg: &str) -> String {
        let number = |text: &str| text.parse::<usize>().unwrap();
        let view = number(svg.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap());
        let mut is_dark = vec![false; view * view];
        for run in svg.split("<path d=\"M").nth(1).unwrap().split("\"/>").next().unwrap().split('M') {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let start = number(y) * view + number(x);
            is_dark[start..start + number(rest.split('v').next().unwrap())].fill(true);
        }
        let shade = |x: usize, y: usize| if is_dark[y / MODULE_SIZE * view + x / MODULE_SIZE] { 0 } else { 255 };
        let size = view * MODULE_SIZE;
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(size, size, shade);
        let grids = image.detect_grids();
        let (_, text) = grids.first().expect("there is a code").decode().unwrap();
        text
    }

    #[test]
    fn a_camera_reads_the_text() {
        for text in
            ["otpauth://totp/App:ada%40example.com?secret=GEZDGNBVGY3TQOJQ&issuer=App", "x", &"long ".repeat(150)]
        {
            assert_eq!(read(&qr_code_svg(text).unwrap()), text);
        }
    }

    #[test]
    fn what_is_too_long_has_no_picture() {
        assert_eq!(qr_code_svg(&"x".repeat(3000)), None);
    }

    #[test]
    fn an_img_takes_it() {
        let url = qr_code_url("x").unwrap();
        let svg = STANDARD.decode(url.strip_prefix("data:image/svg+xml;base64,").unwrap()).unwrap();
        assert_eq!(String::from_utf8(svg).unwrap(), qr_code_svg("x").unwrap());
    }
}
