//! Values of another type than their field: whether one is, and in which words.

use super::{Kind, RawJson};
use crate::schema::{Field, Schema, Type};

impl RawJson<'_> {
    /// Whether the value can be read as `ty`. A list can where all of its items can; what is null fits everywhere.
    pub fn fits(self, ty: Type) -> bool {
        match ty {
            _ if self.is_null() => true,
            Type::Any => true,
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

    /// Says that the value of a field is of another type than the document's, without the value.
    pub fn misfit(self, schema: &Schema, field: &Field) -> String {
        let at = format!("{}.{}", schema.name, field.name);
        if let Type::List(item) = field.ty
            && let Some((position, wrong)) =
                self.items().enumerate().find(|(_, raw)| !raw.fits(*item))
        {
            return words(&format!("{at}[{position}]"), wrong, *item);
        }
        words(&at, self, field.ty)
    }
}

fn words(at: &str, raw: RawJson<'_>, ty: Type) -> String {
    format!("{at} is {} where the document has {}", raw.kind().describe(), ty.describe())
}
