//! Makes small `.mmdb` files, format 2.0: a search tree over IPv4 bits, the records it leads to, and the metadata.

const SEPARATOR: usize = 16;

/// One side of a node.
#[derive(Clone, Copy)]
enum Record {
    Nothing,
    Node(usize),
    /// Offset in the data section.
    Data(usize),
}

/// A network with its city, country and country code.
pub(crate) type Place<'a> = ([u8; 4], u8, [&'a str; 3]);

/// A database of this type with these places.
pub(crate) fn mmdb(database_type: &str, places: &[Place<'_>]) -> Vec<u8> {
    let mut nodes = vec![[Record::Nothing; 2]];
    let mut data = Vec::new();
    for (network, length, [city, country, code]) in places {
        let offset = data.len();
        let names = |name: &str| map(&[("names", map(&[("en", text(name))]))]);
        let country = map(&[("iso_code", text(code)), ("names", map(&[("en", text(country))]))]);
        data.extend(map(&[("city", names(city)), ("country", country)]));
        insert(&mut nodes, u32::from_be_bytes(*network), *length, offset);
    }
    let mut file = Vec::new();
    for record in nodes.iter().flatten() {
        let value = match record {
            Record::Nothing => nodes.len(),
            Record::Node(index) => *index,
            Record::Data(offset) => nodes.len() + SEPARATOR + offset,
        };
        file.extend(&u32::try_from(value).expect("the database is small").to_be_bytes()[1..]);
    }
    file.extend([0; SEPARATOR]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    file.extend(map(&[
        ("binary_format_major_version", number(5, 2)),
        ("binary_format_minor_version", number(5, 0)),
        ("build_epoch", number(9, 1_750_000_000)),
        ("database_type", text(database_type)),
        ("description", map(&[])),
        ("ip_version", number(5, 4)),
        ("languages", head(11, 0)),
        ("node_count", number(6, nodes.len() as u64)),
        ("record_size", number(5, 24)),
    ]));
    file
}

fn insert(nodes: &mut Vec<[Record; 2]>, network: u32, length: u8, offset: usize) {
    let mut node = 0;
    for depth in 0..length {
        let side = (network >> (31 - depth) & 1) as usize;
        if depth + 1 == length {
            nodes[node][side] = Record::Data(offset);
        } else if let Record::Node(next) = nodes[node][side] {
            node = next;
        } else {
            nodes.push([Record::Nothing; 2]);
            let next = nodes.len() - 1;
            nodes[node][side] = Record::Node(next);
            node = next;
        }
    }
}

/// A field's control byte: type and length. Types above 7 are written in a byte of their own.
fn head(kind: u8, length: usize) -> Vec<u8> {
    let length = u8::try_from(length).ok().filter(|length| *length < 29).expect("texts in tests are short");
    if kind < 8 { vec![kind << 5 | length] } else { vec![length, kind - 7] }
}

fn text(text: &str) -> Vec<u8> {
    [head(2, text.len()), text.as_bytes().to_vec()].concat()
}

fn number(kind: u8, number: u64) -> Vec<u8> {
    let bytes: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    [head(kind, bytes.len()), bytes].concat()
}

fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries_bytes = entries.iter().flat_map(|(key, value)| [text(key), value.clone()].concat());
    head(7, entries.len()).into_iter().chain(entries_bytes).collect()
}
