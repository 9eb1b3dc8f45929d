//! Unions as types whose objects are told apart by the literal of their discriminator.

use serde_json::{Value, json};

use super::names::property;
use super::source::{js, key};
use super::view::View;
use crate::model::{Type, Union};

/// What the docs of a union in responses say of values that are none of its types.
const OTHERS: &str = "A value that this version does not know comes as it is.";

impl View<'_> {
    /// The request form of a union; one that is also received has a name of its own for it.
    pub fn request_union(&self, name: &str) -> String {
        let is_both = self.union(name).is_some_and(|union| union.in_responses);
        format!("{name}{}", if is_both { "Input" } else { "" })
    }

    /// Every union, as received and as sent.
    pub fn unions(&self) -> Vec<Value> {
        let mut views = Vec::new();
        for union in &self.provider.unions {
            let doc = |ending: &str| match union.description.as_str() {
                "" => format!("{}, {ending}.", union.pascal),
                description => description.to_owned(),
            };
            if union.in_responses {
                let ty = self.told_apart(union, |ty| Self::response_type(ty, ""));
                let doc = format!("{} {OTHERS}", doc("as received"));
                views.push(json!({ "name": union.pascal, "doc": doc, "ty": ty }));
            }
            if union.in_requests {
                let ty = self.told_apart(union, |ty| self.request_type(ty));
                let name = self.request_union(&union.pascal);
                views.push(json!({ "name": name, "doc": doc("as sent"), "ty": ty }));
            }
        }
        views
    }

    fn told_apart(&self, union: &Union, spelled: impl Fn(&Type) -> String) -> String {
        let members = union.members.iter().enumerate().map(|(position, member)| {
            let ty = match &member.ty {
                // A type can have itself within only where TypeScript need not look at once.
                Type::Map { value } => format!("{{ [name: string]: {} | null }}", spelled(value)),
                other => spelled(other),
            };
            let texts: Vec<String> = union.texts(position).map(js).collect();
            let Some(discriminator) = union.discriminator.as_ref().filter(|_| !texts.is_empty())
            else {
                return ty;
            };
            let Type::Object { name } = &member.ty else { return ty };
            let mut fields = self.schema(name).into_iter().flat_map(|schema| &schema.fields);
            let field = fields.find(|field| field.wire == discriminator.field);
            let name = field.map_or(discriminator.field.as_str(), property);
            format!("({ty} & {{ {}: {} }})", key(name), texts.join(" | "))
        });
        members.collect::<Vec<_>>().join(" | ")
    }
}
