//! The macros that declare messages and enumerations.

/// Declares messages. One declaration
///
/// ```text
/// messages! {
///     /// One mapped area.
///     Vma("vma_entry") {
///         /// First address.
///         1 start: u64 as hex,
///         /// Advice, one bit for each.
///         9 madv: Option<u64> as hex,
///     }
/// }
/// ```
///
/// becomes `pub struct Vma { pub start: u64, pub madv: Option<u64> }` with these docs, and its
/// `impl Message`: the descriptor, one `match` arm and one line of writing for each field. The word behind
/// `as` is a coding (`zigzag`, `fixed`, `packed`) or a way of showing (`hex`, `dev`, `odev`, `address`,
/// `unix_name`, `flags(NAMES)`, `dict(NAMES)`).
macro_rules! messages {
    ($($(#[$meta:meta])* $name:ident($schema:literal) {
        $($(#[$doc:meta])* $number:literal $field:ident: $type:ty $(as $form:ident $(($names:path))?)?,)*
    })*) => {
        /// The messages of this file.
        pub(super) const MESSAGES: &[fn() -> &'static $crate::descriptor::Descriptor] =
            &[$(<$name as $crate::message::Message>::descriptor),*];

        $(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl $crate::message::Message for $name {
            const REQUIRED: u64 = $crate::descriptor::bits(Self::FIELDS, true);
            const SINGLE: u64 = $crate::descriptor::bits(Self::FIELDS, false);

            fn descriptor() -> &'static $crate::descriptor::Descriptor {
                static DESCRIPTOR: $crate::descriptor::Descriptor =
                    $crate::descriptor::Descriptor::of::<$name>($schema, $name::FIELDS);
                &DESCRIPTOR
            }

            #[inline]
            fn merge_field<'a>(
                &mut self,
                number: u32,
                value: $crate::wire::Value<'a>,
                decoder: &mut $crate::message::Decoder,
            ) -> Result<bool, $crate::wire::Located<'a>> {
                match number {
                    $($number => <$type as $crate::value::Slot<$crate::declare::coding!($($form)?)>>::merge(
                        &mut self.$field, value, decoder,
                    ),)*
                    _ => Ok(false),
                }
            }

            fn write(&self, out: &mut ::alloc::vec::Vec<u8>) {
                $($crate::declare::write_slot!(out, $number, self.$field, $type, $($form)?);)*
            }
        }

        impl $crate::value::Value<$crate::value::Plain> for $name {
            const TYPE: $crate::descriptor::FieldType =
                $crate::descriptor::FieldType::Message(<Self as $crate::message::Message>::descriptor);

            fn take<'a>(
                &mut self,
                value: $crate::wire::Value<'a>,
                decoder: &mut $crate::message::Decoder,
            ) -> Result<bool, $crate::wire::Located<'a>> {
                $crate::value::take_message(self, value, decoder)
            }

            fn put(&self, out: &mut ::alloc::vec::Vec<u8>) {
                $crate::value::put_bytes(&$crate::message::Message::encode(self), out);
            }
        }

        impl $name {
            const FIELDS: &'static [$crate::descriptor::FieldDescriptor] = &[
                $($crate::descriptor::FieldDescriptor::new(
                    $number,
                    stringify!($field),
                    <$type as $crate::value::Slot<$crate::declare::coding!($($form)?)>>::LABEL,
                    <$type as $crate::value::Slot<$crate::declare::coding!($($form)?)>>::TYPE,
                    $crate::declare::form!($($form $(($names))?)?),
                ),)*
            ];
        }
        )*
    };
}

/// The coding that a word behind `as` names.
macro_rules! coding {
    (zigzag) => {
        $crate::value::Zigzag
    };
    (fixed) => {
        $crate::value::Fixed
    };
    ($($other:ident)?) => {
        $crate::value::Plain
    };
}

/// What a word behind `as` says besides the coding.
macro_rules! form {
    (hex) => { $crate::declare::form!(@Hex) };
    (dev) => { $crate::declare::form!(@Dev) };
    (odev) => { $crate::declare::form!(@Odev) };
    (address) => { $crate::declare::form!(@Address) };
    (unix_name) => { $crate::declare::form!(@UnixName) };
    (flags($names:path)) => { $crate::declare::form!(@Flags($names)) };
    (dict($names:path)) => { $crate::declare::form!(@Dict($names)) };
    (packed) => { $crate::descriptor::Form { packed: true, show: $crate::descriptor::Show::Plain } };
    (@$show:ident $(($names:path))?) => {
        $crate::descriptor::Form::shown($crate::descriptor::Show::$show $(($names))?)
    };
    ($($coding:ident)?) => { $crate::declare::form!(@Plain) };
}

/// Writes one struct field.
macro_rules! write_slot {
    ($out:ident, $number:literal, $slot:expr, $type:ty, packed) => {
        $crate::value::PackedSlot::write_packed(&$slot, $number, $out)
    };
    ($out:ident, $number:literal, $slot:expr, $type:ty, $($form:ident)?) => {
        <$type as $crate::value::Slot<$crate::declare::coding!($($form)?)>>::write(&$slot, $number, $out)
    };
}

/// Declares enumerations. One declaration
///
/// ```text
/// enums! {
///     /// What a descriptor is.
///     FdTypes("fd_types") {
///         /// A regular file.
///         REG = 1,
///     }
/// }
/// ```
///
/// becomes `pub struct FdTypes(pub i32)` with a constant for each name: a value that a later CRIU invents is
/// kept, prints as its number and survives a round trip.
macro_rules! enums {
    ($($(#[$meta:meta])* $name:ident($schema:literal) { $($(#[$doc:meta])* $constant:ident = $value:literal,)* })*) => {
        /// The enumerations of this file.
        pub(super) const ENUMS: &[(&str, $crate::descriptor::Names)] = &[$(($schema, $name::NAMES)),*];

        $(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i32);

        #[allow(non_upper_case_globals, reason = "names are the schema's, some of them in lower case")]
        impl $name {
            $($(#[$doc])* pub const $constant: Self = Self($value);)*

            /// All names and their values.
            pub const NAMES: $crate::descriptor::Names = &[$((stringify!($constant), $value)),*];

            /// The name of the value in CRIU's schema, if it has one.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                Self::NAMES.iter().find(|&&(_, value)| value == i64::from(self.0)).map(|&(name, _)| name)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}", self.0),
                }
            }
        }

        impl $crate::value::Value<$crate::value::Plain> for $name {
            const TYPE: $crate::descriptor::FieldType =
                $crate::descriptor::FieldType::Enum($schema, Self::NAMES);

            fn take<'a>(
                &mut self,
                value: $crate::wire::Value<'a>,
                decoder: &mut $crate::message::Decoder,
            ) -> Result<bool, $crate::wire::Located<'a>> {
                <i32 as $crate::value::Value<$crate::value::Plain>>::take(&mut self.0, value, decoder)
            }

            fn put(&self, out: &mut ::alloc::vec::Vec<u8>) {
                <i32 as $crate::value::Value<$crate::value::Plain>>::put(&self.0, out);
            }
        }
        )*
    };
}

pub(crate) use {coding, enums, form, messages, write_slot};
