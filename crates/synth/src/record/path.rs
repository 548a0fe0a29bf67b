//! Records that are complete, and then differ in what a test is about.

use super::{Part, Record, Value};
use crate::schema::{self, Field};

impl Record {
    /// A message with all fields that it must have: numbers are 0, texts empty, messages complete in turn.
    ///
    /// ```
    /// use icecore_synth::Record;
    ///
    /// let fs = Record::required("fs_entry").set("root_id", 5u32);
    /// assert_eq!(fs.encode().as_bytes(), [0x08, 0, 0x10, 5]);
    /// ```
    ///
    /// # Panics
    /// If the schema has no message of that name.
    pub fn required(name: &str) -> Self {
        let mut record = Self::new(name);
        for field in record.message.iter().filter(|field| field.label == "required") {
            let value = match (field.message_kind(), field.kind) {
                (Some(message), _) => Value::Message(Self::required(message)),
                (None, "string" | "bytes") => Value::Bytes(Vec::new()),
                (None, _) => Value::Number(0),
            };
            record.parts.push(Part::Known(field, vec![value]));
        }
        record
    }

    /// With this value alone in a field. A path of names with dots leads into messages, of a list into the last; one that is
    /// not there yet is made complete. A value of an enumeration can be given by its name.
    ///
    /// # Panics
    /// If there is no such field.
    #[must_use]
    pub fn set(self, path: &str, value: impl Into<Value>) -> Self {
        self.list(path, [value])
    }

    /// With these values in a list, as [`Record::set`].
    ///
    /// # Panics
    /// If there is no such field.
    #[must_use]
    pub fn list<V: Into<Value>>(mut self, path: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.place(path, values.into_iter().map(Into::into).collect());
        self
    }

    /// With a field absent, also one that must be there.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.parts.retain(|part| !matches!(part, Part::Known(field, _) if field.name == name));
        self
    }

    /// What stands in a field, of a list the last.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.parts.iter().find_map(|part| match part {
            Part::Known(field, values) if field.name == name => values.last(),
            _ => None,
        })
    }

    /// The number that stands in a field; 0 if there is none.
    pub fn number(&self, name: &str) -> u64 {
        match self.get(name) {
            Some(Value::Number(number)) => u64::try_from(*number).unwrap_or_default(),
            _ => 0,
        }
    }

    /// The message's name.
    pub fn name(&self) -> &'static str {
        self.message.first().map_or("", |field| field.message)
    }

    fn place(&mut self, path: &str, values: Vec<Value>) {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let field = self.message.iter().find(|field| field.name == name);
        assert!(field.is_some(), "no field {name} in {}", self.name());
        let Some(field) = field else { return };
        let is_it = |part: &Part| matches!(part, Part::Known(known, _) if known.number == field.number);
        let index = self.parts.iter().position(is_it);
        let known = index.map(|index| self.parts.remove(index));
        let mut known = match known {
            Some(Part::Known(_, values)) => values,
            _ => Vec::new(),
        };
        match rest {
            None => known = values.into_iter().map(|value| value.in_field(field)).collect(),
            Some(rest) => {
                if known.is_empty() {
                    known.push(Value::Message(Self::required(field.message_kind().unwrap_or_default())));
                }
                if let Some(Value::Message(record)) = known.last_mut() {
                    record.place(rest, values);
                }
            }
        }
        self.parts.insert(index.unwrap_or(self.parts.len()), Part::Known(field, known));
    }
}

impl Value {
    /// The value as a field has it: names of an enumeration are numbers there.
    pub(crate) fn in_field(self, field: &Field) -> Self {
        let (Some(kind), Self::Bytes(name)) = (field.enum_kind(), &self) else { return self };
        let values = schema::enums().get(kind).map_or(&[][..], Vec::as_slice);
        let named = values.iter().find(|(known, _)| known.as_bytes() == name);
        assert!(named.is_some(), "{kind} has no {}", String::from_utf8_lossy(name));
        named.map_or(self, |(_, value)| (*value).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(record: &Record, bytes: &[u8]) {
        assert_eq!(record.encode().as_bytes(), bytes);
    }

    #[test]
    fn what_must_be_there_is_there() {
        check(&Record::required("pstree_entry"), &[8, 0, 16, 0, 24, 0, 32, 0]);
        // The name is optional in one, a required message in the other.
        check(&Record::required("fs_entry").without("cwd_id"), &[16, 0]);
        check(&Record::required("fifo_entry"), &[8, 0, 16, 0]);
        let owner = [8, 0, 16, 0, 24, 0, 32, 0, 40, 0];
        let reg = [&[8, 0, 16, 0, 24, 0, 0x2a, 10], &owner[..], &[0x32, 0]].concat();
        check(&Record::required("reg_file_entry"), &reg);
    }

    #[test]
    fn a_path_leads_into_messages() {
        let core = Record::new("core_entry").set("mtype", "AARCH64").set("thread_core.sched_nice", -5);
        // futex_rla and its length are required; -5 is 9 in zigzag.
        check(&core, &[0x08, 3, 0x2a, 6, 0x08, 0, 0x10, 0, 0x18, 9]);
        check(&core.set("thread_core.sched_nice", 0), &[0x08, 3, 0x2a, 6, 0x08, 0, 0x10, 0, 0x18, 0]);
    }

    #[test]
    fn a_value_takes_the_place_of_another() {
        let list = Record::new("pstree_entry").set("pid", 1u32).set("pid", 2u32).list("threads", [3u32, 4]);
        check(&list, &[8, 2, 0x28, 3, 0x28, 4]);
        assert_eq!((list.number("pid"), list.number("sid"), list.name()), (2, 0, "pstree_entry"));
        check(&list.list::<u32>("threads", []), &[8, 2]);
    }

    #[test]
    fn a_path_into_a_list_is_of_its_last() {
        let area = || Record::new("vma_entry");
        let mm = Record::new("mm_entry").with("vmas", area()).with("vmas", area()).set("vmas.start", 9u64);
        check(&mm, &[0x72, 0, 0x72, 2, 8, 9]);
    }

    #[test]
    #[should_panic(expected = "fd_types has no REGULAR")]
    fn a_name_that_is_none_is_a_mistake() {
        drop(Record::new("fdinfo_entry").set("type", "REGULAR"));
    }

    #[test]
    #[should_panic(expected = "no field uid in thread_core_entry")]
    fn a_path_that_ends_nowhere_is_a_mistake() {
        drop(Record::new("core_entry").set("thread_core.uid", 1u32));
    }
}
