//! Reads one list of a large JSON file object by object, so that memory stays flat however many there are.

use std::{
    cell::Cell,
    fmt,
    fs::File,
    io::{self, BufReader, Read},
    rc::Rc,
    sync::Arc,
};

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use tokio::{
    sync::mpsc::{Sender, channel},
    task::spawn_blocking,
};

use crate::import::{
    error::ImportError, fields::Fields, file::Source, finding::Reason, in_progress::Import, mistake::mistake,
    place::Place, record::Kind,
};

/// Says how many objects are read ahead.
const AHEAD: usize = 256;

/// Is one object of the list.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) place: Place,
    pub(crate) fields: Fields,
}

/// Hands over every object of the list, from where the import goes on, and returns how many such lists the file has.
pub(crate) async fn read(
    source: &Source,
    list: &'static str,
    import: &mut Import,
    mut take: impl FnMut(Object, &mut Import),
) -> Result<u64, ImportError> {
    let done = source.resume(import)?;
    let (file, (sender, mut entries)) =
        (source.file.try_clone().map_err(|error| source.failed(error))?, channel(AHEAD));
    let reader = spawn_blocking(move || parse(file, list, &sender));
    let mut bytes = 0;
    while let Some(entry) = entries.recv().await {
        import.progress.advance(entry.bytes - bytes);
        bytes = entry.bytes;
        if entry.number <= done {
            continue;
        }
        let place = Place::Item { file: Arc::clone(&source.name), list, number: entry.number };
        match entry.value {
            Value::Object(object) => {
                take(Object { place, fields: Fields::of_object(object) }, import);
            }
            _ => import.leave_out(
                Kind::User,
                place,
                Reason::new("OBJECT_UNREADABLE", "is no object", "write an object {…} for each user"),
            ),
        }
        import.passed(source.position(entry.number)).await?;
    }
    let parsed = reader.await.map_err(|error| source.failed(io::Error::other(error)))?;
    parsed.map_err(|error| ImportError::Origin(format!("{}: {}", source.name, mistake(&error))))
}

struct Entry {
    /// Counts from 1.
    number: u64,
    value: Value,
    /// Says how many bytes of the file were read until then.
    bytes: u64,
}

fn parse(file: File, list: &'static str, sender: &Sender<Entry>) -> Result<u64, serde_json::Error> {
    let bytes = Rc::new(Cell::new(0));
    let reader = BufReader::new(Counting { reader: file, bytes: Rc::clone(&bytes) });
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let found = Root { list, sender, bytes }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(found)
}

struct Counting<R> {
    reader: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.bytes.set(self.bytes.get() + length as u64);
        Ok(length)
    }
}

/// Is the object that the whole file is.
struct Root<'a> {
    list: &'static str,
    sender: &'a Sender<Entry>,
    bytes: Rc<Cell<u64>>,
}

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one object with a list {:?}", self.list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<u64, A::Error> {
        let (mut number, mut found) = (0, 0);
        while let Some(key) = map.next_key::<String>()? {
            if key == self.list {
                found += 1;
                map.next_value_seed(List { root: &self, number: &mut number })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

/// Reads the list object by object.
struct List<'a, 'b> {
    root: &'a Root<'b>,
    number: &'a mut u64,
}

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list {:?}", self.root.list)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element()? {
            *self.number += 1;
            let entry = Entry { number: *self.number, value, bytes: self.root.bytes.get() };
            // Nobody takes them any more where the import has ended.
            self.root.sender.blocking_send(entry).map_err(|_| A::Error::custom("the import has ended"))?;
        }
        Ok(())
    }
}
