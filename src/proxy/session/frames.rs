//! Tells where the frames of a WebSocket end (RFC 6455 §5.2), so that a close frame is put between two of them.

/// Follows what is written to a client behind the head of the response.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    state: State,
}

#[derive(Debug)]
enum State {
    /// Is in a frame's first bytes, of which there are 2 to 10.
    Start { bytes: [u8; 10], seen: usize },
    /// So many bytes of the frame are still to come.
    Payload(u64),
}

impl Default for State {
    fn default() -> Self {
        START
    }
}

const START: State = State::Start { bytes: [0; 10], seen: 0 };

impl Frames {
    /// Takes note of bytes in their order.
    pub(crate) fn follow(&mut self, mut written: &[u8]) {
        while let Some((&first, rest)) = written.split_first() {
            match &mut self.state {
                State::Start { bytes, seen } => {
                    if let Some(place) = bytes.get_mut(*seen) {
                        *place = first;
                    }
                    *seen += 1;
                    if let Some(payload) = payload(&bytes[..*seen]) {
                        self.state = if payload == 0 { START } else { State::Payload(payload) };
                    }
                    written = rest;
                }
                State::Payload(left) => {
                    let taken = written.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                    *left -= taken as u64;
                    if *left == 0 {
                        self.state = START;
                    }
                    written = &written[taken..];
                }
            }
        }
    }

    /// Returns whether no frame has begun that has not ended.
    pub(crate) fn is_between(&self) -> bool {
        matches!(self.state, State::Start { seen: 0, .. })
    }
}

/// Returns the payload's length once the start of the frame is complete. A server's frames are not masked; where one
/// is, its key counts as well.
fn payload(start: &[u8]) -> Option<u64> {
    let length = start.get(1)?;
    let key = if length & 0x80 == 0 { 0 } else { 4 };
    let length = match length & 0x7f {
        126 => u64::from(u16::from_be_bytes(start.get(2..4)?.try_into().ok()?)),
        127 => u64::from_be_bytes(start.get(2..10)?.try_into().ok()?),
        short => u64::from(short),
    };
    Some(length.saturating_add(key))
}

/// Returns a close frame from the server: status 4401, as WebSocket services say 401, and why.
pub(crate) fn close() -> Vec<u8> {
    const REASON: &[u8] = b"session ended";
    let mut frame = vec![0x88, 2 + u8::try_from(REASON.len()).unwrap_or(0)];
    frame.extend_from_slice(&4401_u16.to_be_bytes());
    frame.extend_from_slice(REASON);
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(length: usize) -> Vec<u8> {
        let mut frame = vec![0x82];
        match length {
            0..126 => frame.push(u8::try_from(length).unwrap()),
            126..65_536 => {
                frame.push(126);
                frame.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.resize(frame.len() + length, b'x');
        frame
    }

    proptest! {
        #[test]
        fn frames_end_where_they_end_however_they_are_cut(
            lengths in prop::collection::vec(prop_oneof![0_usize..130, 65_530_usize..65_540], 0..6),
            piece in 1_usize..5000,
        ) {
            let mut frames = Frames::default();
            prop_assert!(frames.is_between());
            for length in lengths {
                let frame = frame(length);
                let (last, before) = frame.split_last().unwrap();
                for piece in before.chunks(piece) {
                    frames.follow(piece);
                    prop_assert!(!frames.is_between());
                }
                frames.follow(&[*last]);
                prop_assert!(frames.is_between());
            }
        }
    }

    #[test]
    fn the_close_frame_is_one_frame() {
        let mut frames = Frames::default();
        frames.follow(&close());
        assert!(frames.is_between());
        assert_eq!(close()[..4], [0x88, 15, 0x11, 0x31]);
    }
}
