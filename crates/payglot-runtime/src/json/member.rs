//! Which member of a union a value of a response is: by the discriminator of an object, or else by what fits best.

use super::{Kind, RawJson};
use crate::schema::{Field, Schema, Type, Union};

/// Unions within unions beyond which nothing is looked for: one that has itself as a member would never end.
const MAX_DEPTH: u8 = 8;

impl RawJson<'_> {
    /// The member that the value is, with its position; `None` where it fits none, and is kept as it came.
    ///
    /// An object is what its discriminator says. Without one, it is the member whose required fields it has, whose types
    /// its values have, and of which it has the most fields.
    pub fn member(self, union: &'static Union) -> Option<(usize, Type)> {
        let position = match (&union.discriminator, self.kind()) {
            (Some(discriminator), Kind::Object) => match self.get(discriminator.field) {
                Some(text) => discriminator.position(&text.as_text()?).or(discriminator.other),
                None => discriminator.other.or_else(|| self.best(union, 0).map(|(at, _)| at)),
            },
            _ => self.best(union, 0).map(|(position, _)| position),
        }?;
        Some((position, *union.members.get(position)?))
    }

    /// The type of the value itself: the member of a union, and of a union within, or what it is anyway.
    pub fn concrete(self, ty: Type) -> Type {
        let mut ty = ty;
        for _ in 0..MAX_DEPTH {
            let Type::Union(union) = ty else { return ty };
            ty = self.member(union).map_or(Type::Any, |(_, member)| member);
        }
        Type::Any
    }

    /// Whether the value is of a shape that some member has.
    pub(super) fn has_shape_of(self, union: &Union, depth: u8) -> bool {
        depth < MAX_DEPTH
            && union.members.iter().any(|member| match member {
                Type::Object(_) | Type::Map(_) => self.kind() == Kind::Object,
                Type::List(_) => self.kind() == Kind::List,
                Type::Union(inner) => self.has_shape_of(inner, depth + 1),
                other => self.fits(*other),
            })
    }

    /// The position of the member that fits best, and how well it does.
    fn best(self, union: &Union, depth: u8) -> Option<(usize, usize)> {
        let mut best: Option<(usize, usize)> = None;
        for (position, member) in union.members.iter().enumerate() {
            if let Some(rank) = self.rank(*member, depth)
                && best.is_none_or(|(_, other)| rank > other)
            {
                best = Some((position, rank));
            }
        }
        best
    }

    /// How well the value fits a type; `None` where it does not.
    fn rank(self, ty: Type, depth: u8) -> Option<usize> {
        let kind = self.kind();
        match (ty, kind) {
            (Type::Any, _) => Some(0),
            (_, Kind::Null) => None,
            (Type::Union(inner), _) if depth < MAX_DEPTH => {
                self.best(inner, depth + 1).map(|(_, rank)| rank)
            }
            (Type::Object(schema), Kind::Object) => self.rank_of_object(schema),
            (Type::Map(item), Kind::Object) => {
                self.entries().all(|(_, value)| value.fits(*item)).then_some(1)
            }
            (Type::List(item), Kind::List) => {
                let fits = self.items().all(|raw| raw.fits(*item));
                // Lists of several models differ in their records.
                let first = self.items().next().map_or(Some(1), |first| first.rank(*item, depth));
                first.filter(|_| fits).map(|rank| rank + 1)
            }
            (_, Kind::Object | Kind::List) => None,
            // A text that can be read as a number is a text first.
            (other, _) if self.fits(other) => Some(match (other, kind) {
                (Type::Integer, Kind::Number) => 4,
                (Type::Number | Type::Money(_), Kind::Number)
                | (Type::Boolean, Kind::Boolean)
                | (Type::Text | Type::Uuid | Type::Date | Type::DateTime, Kind::Text) => 3,
                (Type::Enum(known), Kind::Text) => {
                    let text = self.as_text()?;
                    if known.values.contains(&text.as_ref()) { 4 } else { 2 }
                }
                _ => 1,
            }),
            _ => None,
        }
    }

    fn rank_of_object(self, schema: &Schema) -> Option<usize> {
        let mut known = 0;
        let mut expected = 0;
        let mut required = 0;
        for (name, value) in self.entries() {
            let Some(position) = schema.position(&name, expected) else { continue };
            let field = schema.fields.get(position)?;
            expected = position + 1;
            if !value.fits(field.ty) || !is_known(value, field) {
                return None;
            }
            known += 1;
            required += usize::from(is_expected(field));
        }
        let all = schema.fields.iter().filter(|field| is_expected(field)).count();
        (required >= all).then_some(2 + known)
    }
}

/// Whether a response must have a field.
fn is_expected(field: &Field) -> bool {
    field.required && !field.write_only
}

/// Whether a text that can only be one is that one: it tells models apart.
fn is_known(value: RawJson<'_>, field: &Field) -> bool {
    match field.ty {
        Type::Enum(known) if known.values.len() == 1 => {
            value.is_null()
                || value.as_text().is_none_or(|text| known.values.contains(&text.as_ref()))
        }
        _ => true,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test stops the moment something is not as it should be
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::json::Document;
    use crate::schema::{Discriminator, Enum, Unit};

    static ONE: Enum = Enum { name: "One", values: &["one"] };
    static CARD: Schema = Schema {
        index: 0,
        name: "Card",
        fields: &[
            Field::new("kind", "kind", Type::Text),
            Field::new("number", "number", Type::Text).required(),
            Field::new("pin", "pin", Type::Text).required().write_only(),
        ],
        open: false,
        outcome: None,
        certain: 0,
    };
    static BANK: Schema = Schema {
        index: 1,
        name: "Bank",
        fields: &[
            Field::new("number", "number", Type::Text).required(),
            Field::new("limit", "limit", Type::Money(Unit::Dollars)),
            Field::new("one", "one", Type::Enum(&ONE)),
        ],
        open: false,
        outcome: None,
        certain: 0,
    };
    static FIT: Union = Union {
        name: "Fit",
        members: &[
            Type::Object(&CARD),
            Type::Object(&BANK),
            Type::List(&Type::Object(&BANK)),
            Type::Text,
            Type::Integer,
            Type::Boolean,
        ],
        limits: &[],
        discriminator: None,
    };
    static TOLD: Union = Union {
        name: "Told",
        members: &[Type::Object(&CARD), Type::Object(&BANK)],
        limits: &[],
        discriminator: Some(Discriminator {
            field: "kind",
            values: &[("card", 0), ("bank", 1)],
            other: None,
        }),
    };
    static BASED: Union = Union {
        name: "Based",
        members: &[Type::Object(&CARD), Type::Object(&BANK)],
        limits: &[],
        discriminator: Some(Discriminator {
            field: "kind",
            values: &[("bank", 1)],
            other: Some(0),
        }),
    };
    static SELF: Union =
        Union { name: "Self", members: &[Type::Union(&SELF)], limits: &[], discriminator: None };

    fn position(union: &'static Union, json: &str) -> Option<usize> {
        let document = Arc::new(Document::new(json));
        RawJson::root(&document).unwrap().member(union).map(|(position, _)| position)
    }

    #[test]
    fn a_member_is_chosen_by_what_fits_best() {
        for (json, expected) in [
            (r#"{"number":"1"}"#, Some(0)),
            (r#"{"number":"1","limit":10.10}"#, Some(1)),
            (r#"{"number":"1","kind":"x","limit":"ten"}"#, Some(0)),
            (r#"{"number":"1","limit":"ten"}"#, Some(0)),
            (r#"{"number":"1","one":"one"}"#, Some(1)),
            (r#"{"number":"1","one":"two"}"#, Some(0)),
            (r#"{"limit":10.10}"#, None),
            ("{}", None),
            (r#"[{"number":"1"}]"#, Some(2)),
            ("[]", Some(2)),
            ("[1]", None),
            (r#""5""#, Some(3)),
            ("5", Some(4)),
            ("5.5", Some(3)),
            ("true", Some(5)),
            (r#""true""#, Some(3)),
            ("null", None),
        ] {
            assert_eq!(position(&FIT, json), expected, "{json}");
        }
    }

    #[test]
    fn a_discriminator_decides_whatever_else_fits() {
        for (json, expected) in [
            (r#"{"kind":"bank"}"#, Some(1)),
            (r#"{"kind":"card","limit":1}"#, Some(0)),
            (r#"{"kind":"new","number":"1"}"#, None),
            (r#"{"kind":null,"number":"1"}"#, None),
            (r#"{"number":"1","limit":1}"#, Some(1)),
            ("[]", None),
        ] {
            assert_eq!(position(&TOLD, json), expected, "{json}");
        }
        for (json, expected) in
            [(r#"{"kind":"bank"}"#, Some(1)), (r#"{"kind":"new"}"#, Some(0)), ("{}", Some(0))]
        {
            assert_eq!(position(&BASED, json), expected, "{json}");
        }
    }

    #[test]
    fn a_union_of_itself_ends() {
        assert_eq!(position(&SELF, "{}"), None);
        assert_eq!(position(&SELF, "1"), None);
    }
}
