//! JSON that may be anything: fields of the wrong type are told apart from absent ones and cost no memory.
//!
//! Derived deserialisers give up a document for one wrong value or repeated key. Here a value is taken if it is what
//! is wanted and passed over otherwise, and of a repeated key the last value counts, as for the engines.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What stands at a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Field<T> {
    /// Nothing, or `null`.
    #[default]
    Absent,
    /// A value of another type; which.
    Wrong(&'static str),
    /// The value.
    Value(T),
}

impl<T> Field<T> {
    /// The value, if it is there.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Wrong(_) => None,
        }
    }

    /// `KEY is FOUND, not EXPECTED`, if the value is of another type.
    pub(super) fn complaint(&self, key: &str) -> Option<String>
    where
        T: Take,
    {
        match self {
            Self::Wrong(found) => Some(format!("`{key}` is {found}, not {}", T::EXPECTED)),
            Self::Absent | Self::Value(_) => None,
        }
    }
}

/// A type that a JSON value can be taken for. Each method takes one type of value; `None`: not this type.
pub(super) trait Take: Sized {
    /// What is wanted, with its article.
    const EXPECTED: &'static str;

    fn string(_text: &str) -> Option<Self> {
        None
    }

    fn number(_number: u64) -> Option<Self> {
        None
    }

    fn array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<Option<Self>, A::Error> {
        while array.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

impl Take for String {
    const EXPECTED: &'static str = "a string";

    fn string(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

impl Take for u64 {
    const EXPECTED: &'static str = "a count of bytes";

    fn number(number: u64) -> Option<Self> {
        Some(number)
    }
}

/// The first string of an array, and nothing of the others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct First(pub(super) Option<String>);

impl Take for First {
    const EXPECTED: &'static str = "an array";

    fn array<'de, A: SeqAccess<'de>>(mut array: A) -> Result<Option<Self>, A::Error> {
        let mut first = Self::default();
        while let Some(element) = array.next_element::<Field<String>>()? {
            first.0 = first.0.or(element.value());
        }
        Ok(Some(first))
    }
}

/// Strings by key. Values of other types are left out, and so is what is above [`ENTRIES`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Strings {
    pub(super) map: BTreeMap<String, String>,
    /// How many entries were left out.
    pub(super) left_out: u64,
}

/// The most entries that are taken of one object. Engines write less than a hundred.
const ENTRIES: usize = 10_000;

impl Take for Strings {
    const EXPECTED: &'static str = "an object";

    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Option<Self>, A::Error> {
        let mut strings = Self::default();
        while let Some((key, value)) = object.next_entry::<String, Field<String>>()? {
            match value {
                Field::Value(value) if strings.map.len() < ENTRIES => drop(strings.map.insert(key, value)),
                Field::Absent => {}
                Field::Value(_) | Field::Wrong(_) => strings.left_out = strings.left_out.saturating_add(1),
            }
        }
        Ok(Some(strings))
    }
}

impl<'de, T: Take> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Taker(PhantomData))
    }
}

struct Taker<T>(PhantomData<T>);

impl<'de, T: Take> Visitor<'de> for Taker<T> {
    type Value = Field<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(T::EXPECTED)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Absent)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Field::Wrong("a boolean"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Field::Wrong("a negative number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Field::Wrong("no whole number of 64 bits"))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(T::number(number).map_or(Field::Wrong("a number"), Field::Value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(T::string(text).map_or(Field::Wrong("a string"), Field::Value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, array: A) -> Result<Self::Value, A::Error> {
        Ok(T::array(array)?.map_or(Field::Wrong("an array"), Field::Value))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        Ok(T::object(object)?.map_or(Field::Wrong("an object"), Field::Value))
    }
}

/// Hands the elements of an array on as they are read, so that their number costs nothing. What is no array is
/// one element of the wrong type.
pub(super) struct Each<T, F>(F, PhantomData<T>);

impl<T: Take, F: FnMut(Field<T>)> Each<T, F> {
    pub(super) fn new(sink: F) -> Self {
        Self(sink, PhantomData)
    }
}

impl<'de, T: Take, F: FnMut(Field<T>)> DeserializeSeed<'de> for Each<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Writes the visits of scalars: each is passed on as one wrong element.
macro_rules! wrong_elements {
    ($($visit:ident($type:ty) $found:literal;)+) => {
        $(fn $visit<E>(mut self, _: $type) -> Result<(), E> {
            (self.0)(Field::Wrong($found));
            Ok(())
        })+
    };
}

impl<'de, T: Take, F: FnMut(Field<T>)> Visitor<'de> for Each<T, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut array: A) -> Result<(), A::Error> {
        while let Some(element) = array.next_element()? {
            (self.0)(element);
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<(), A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        (self.0)(Field::Wrong("an object instead of an array"));
        Ok(())
    }

    wrong_elements! {
        visit_bool(bool) "a boolean instead of an array";
        visit_i64(i64) "a number instead of an array";
        visit_u64(u64) "a number instead of an array";
        visit_f64(f64) "a number instead of an array";
        visit_str(&str) "a string instead of an array";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field<T: Take>(text: &str) -> Field<T> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn values_of_other_types_are_told_and_passed() {
        assert_eq!(field::<String>("\"x\""), Field::Value("x".into()));
        assert_eq!(field::<String>("null"), Field::Absent);
        assert_eq!(field::<String>("[[1], {\"a\": 2}]"), Field::Wrong("an array"));
        assert_eq!(field::<u64>("18446744073709551615"), Field::Value(u64::MAX));
        assert_eq!(field::<u64>("-1"), Field::Wrong("a negative number"));
        assert_eq!(field::<u64>("1.5"), Field::Wrong("no whole number of 64 bits"));
        assert_eq!(
            field::<u64>("\"7\"").complaint("size").unwrap(),
            "`size` is a string, not a count of bytes"
        );
        assert_eq!(field::<First>("[1, \"a\", \"b\"]"), Field::Value(First(Some("a".into()))));
    }

    #[test]
    fn strings_leave_out_what_is_none_and_the_last_of_a_key_counts() {
        let Field::Value(strings) = field::<Strings>(r#"{"a": "1", "b": 2, "c": null, "a": "3"}"#) else {
            panic!("an object")
        };
        assert_eq!(strings.map, BTreeMap::from([("a".into(), "3".into())]));
        assert_eq!(strings.left_out, 1);
    }

    #[test]
    fn elements_are_handed_on() {
        let list = |text: &str| {
            let mut taken = Vec::new();
            let each = Each::new(|element: Field<u64>| taken.push(element));
            each.deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap();
            taken
        };
        assert_eq!(list("[1, {}, 3]"), [Field::Value(1), Field::Wrong("an object"), Field::Value(3)]);
        assert_eq!(list("{}"), [Field::Wrong("an object instead of an array")]);
        assert_eq!(list("7"), [Field::Wrong("a number instead of an array")]);
        assert_eq!(list("null"), []);
    }
}
