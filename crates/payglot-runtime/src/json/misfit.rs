//! Values of another type than their field: whether one is, and in which words.

use super::{Kind, RawJson};
use crate::schema::{Field, Schema, Type};

impl RawJson<'_> {
    /// Whether the value can be read as `ty`. A list can where all of its items can; what is null fits everywhere.
    pub fn fits(self, ty: Type) -> bool {
        match ty {
            _ if self.is_null() => true,
            Type::Any => true,
            Type::Union(union) => self.has_shape_of(union, 0),
            Type::Boolean => self.as_bool().is_some(),
            Type::Integer => self.as_integer().is_some(),
            Type::Number => self.as_number().is_some(),
            Type::Money(_) => self.as_decimal().is_some(),
            // Values of a map that do not fit are there as they came, and a record tells of its own.
            Type::Object(_) | Type::Map(_) => self.kind() == Kind::Object,
            Type::List(item) => {
                self.kind() == Kind::List && self.items().all(|raw| raw.fits(*item))
            }
            Type::Text | Type::Uuid | Type::Date | Type::DateTime | Type::Enum(_) | Type::File => {
                !matches!(self.kind(), Kind::Object | Kind::List)
            }
        }
    }

    /// Whether Rust's type can hold the value. A map of Rust has no way to hold one odd value as it came.
    pub(crate) fn fits_throughout(self, ty: Type) -> bool {
        match ty {
            Type::Map(item) | Type::List(item) if self.fits(ty) => {
                self.contents(ty).all(|(_, value)| value.fits_throughout(*item))
            }
            _ => self.fits(ty),
        }
    }

    /// Says that the value of a field is of another type than the document's, without the value.
    pub fn misfit(self, schema: &Schema, field: &Field) -> String {
        let mut at = format!("{}.{}", schema.name, field.name);
        let (mut raw, mut ty) = (self, field.ty);
        while let Type::Map(item) | Type::List(item) = ty
            && let Some((position, wrong)) =
                raw.contents(ty).find(|(_, value)| !value.fits_throughout(*item))
        {
            at = match ty {
                Type::List(_) => format!("{at}[{position}]"),
                // The names of a map are the vendor's data.
                _ => format!("{at}[…]"),
            };
            (raw, ty) = (wrong, *item);
        }
        format!("{at} is {} where the document has {}", raw.kind().describe(), ty.describe())
    }

    /// The values within one of this type, with their positions; none of a value of another type.
    fn contents(self, ty: Type) -> impl Iterator<Item = (usize, Self)> {
        let list = matches!(ty, Type::List(_)).then(|| self.items());
        let map = matches!(ty, Type::Map(_)).then(|| self.entries().map(|(_, value)| value));
        list.into_iter().flatten().chain(map.into_iter().flatten()).enumerate()
    }
}
