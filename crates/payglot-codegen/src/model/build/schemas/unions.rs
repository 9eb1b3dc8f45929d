//! Unions: `oneOf` and `anyOf`, and a base whose discriminator tells the models apart that extend it.

use std::collections::HashMap;

use anyhow::Result;
use serde_json::Value;

use super::annotations::limits;
use super::{Schemas, component, describe, resolve, strings, text};
use crate::lower::references::unescaped;
use crate::model::names::{self, NameAllocator};
use crate::model::{Discriminator, Limits, Member, Type, Union};

/// What became of a schema with alternatives.
#[derive(Debug, Clone)]
pub(super) enum Progress {
    /// Its members are being read; it has a name where one of them has it within.
    Begun(Option<String>),
    /// This.
    Read(Type),
}

/// An alternative that was read.
#[derive(Debug, Clone)]
struct Found<'d> {
    ty: Type,
    /// The schema itself, references followed.
    schema: &'d Value,
    /// The names that the document has for it: of what is referred to first, and of what that is another name of.
    names: Vec<String>,
    /// What its values may be.
    limits: Limits,
}

impl<'d> Found<'d> {
    fn new(ty: Type, schema: &'d Value, name: Option<String>) -> Self {
        Self { ty, schema, names: name.into_iter().collect(), limits: Limits::default() }
    }
}

/// The named schemas of a document.
#[derive(Default)]
pub(super) struct Components<'d> {
    /// Their names, by address.
    names: HashMap<*const Value, &'d str>,
    /// Those that extend another by `allOf`, by its address.
    heirs: HashMap<*const Value, Vec<(&'d str, &'d Value)>>,
}

impl<'d> Components<'d> {
    pub(super) fn of(document: &'d Value) -> Self {
        let mut components = Self::default();
        let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
        for (name, schema) in schemas.into_iter().flatten() {
            components.names.insert(std::ptr::from_ref(schema), name);
            for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                if let Ok(base) = resolve(document, part) {
                    let heirs = components.heirs.entry(std::ptr::from_ref(base)).or_default();
                    heirs.push((name, schema));
                }
            }
        }
        components
    }

    fn heirs(&self, base: &Value) -> &[(&'d str, &'d Value)] {
        self.heirs.get(&std::ptr::from_ref(base)).map(Vec::as_slice).unwrap_or_default()
    }
}

impl<'d> Schemas<'d> {
    /// The alternatives of a schema that is nothing beside them.
    pub(super) fn alternatives_of(schema: &Value) -> Option<&Vec<Value>> {
        let is_more = ["properties", "allOf"].iter().any(|name| schema.get(name).is_some());
        let list = ["oneOf", "anyOf"].iter().find_map(|name| schema.get(name)?.as_array());
        list.filter(|list| !is_more && !list.is_empty())
    }

    /// The type of a schema with alternatives: a union, or what all of them are.
    pub(super) fn union(
        &mut self,
        schema: &'d Value,
        list: &'d [Value],
        at: &str,
        hint: &str,
    ) -> Result<Type> {
        if let Some(ty) = self.known_union(schema, hint) {
            return Ok(ty);
        }
        let read = self.members(schema, list, at, hint);
        self.read_union(schema, hint, read)
    }

    /// The models that extend a schema which a discriminator tells apart; none where nothing extends it.
    pub(super) fn heirs(&self, schema: &'d Value) -> Vec<(&'d str, &'d Value)> {
        if schema.get("discriminator").is_none() {
            return Vec::new();
        }
        let mut found: Vec<(&str, &Value)> = Vec::new();
        let mut bases = vec![schema];
        while let Some(base) = bases.pop() {
            for &(name, heir) in self.components.heirs(base) {
                if !found.iter().any(|(known, _)| *known == name) && !std::ptr::eq(heir, schema) {
                    found.push((name, heir));
                    bases.push(heir);
                }
            }
        }
        found
    }

    /// The union of a base and the models that extend it.
    pub(super) fn inheritance(
        &mut self,
        schema: &'d Value,
        heirs: &[(&'d str, &'d Value)],
        at: &str,
        hint: &str,
    ) -> Result<Type> {
        let hint = format!("Any{}", self.naming.pascal(hint));
        if let Some(ty) = self.known_union(schema, &hint) {
            return Ok(ty);
        }
        let mut found = Vec::new();
        let base = self.document_name(schema).map(ToOwned::to_owned);
        let of_base = self.fields_of(schema, at, base.as_deref().unwrap_or(&hint), true);
        let mut read = of_base.map(|ty| found.push(Found::new(ty, schema, base)));
        for &(name, heir) in heirs {
            if read.is_ok() {
                let of_heir = self.fields_of(heir, &component(name), name, true);
                let name = Some(name.to_owned());
                read = of_heir.map(|ty| found.push(Found::new(ty, heir, name)));
            }
        }
        self.read_union(schema, &hint, read.map(|()| found))
    }

    /// The type of a schema whose alternatives were read before, or are being read.
    fn known_union(&mut self, schema: &'d Value, hint: &str) -> Option<Type> {
        let address = std::ptr::from_ref(schema);
        match self.unions_read.get(&address).cloned() {
            Some(Progress::Read(ty)) => Some(ty),
            Some(Progress::Begun(Some(name))) => Some(Type::Union { name }),
            Some(Progress::Begun(None)) => {
                let name = self.name(&self.naming.pascal(hint), "Input");
                self.unions_read.insert(address, Progress::Begun(Some(name.clone())));
                Some(Type::Union { name })
            }
            None => {
                self.unions_read.insert(address, Progress::Begun(None));
                None
            }
        }
    }

    fn read_union(
        &mut self,
        schema: &'d Value,
        hint: &str,
        members: Result<Vec<Found<'d>>>,
    ) -> Result<Type> {
        let address = std::ptr::from_ref(schema);
        let name = match self.unions_read.remove(&address) {
            Some(Progress::Begun(name)) => name,
            _ => None,
        };
        let ty = self.united(schema, name, members?, hint);
        self.unions_read.insert(address, Progress::Read(ty.clone()));
        Ok(ty)
    }

    /// Each alternative with its type.
    fn members(
        &mut self,
        schema: &'d Value,
        list: &'d [Value],
        at: &str,
        hint: &str,
    ) -> Result<Vec<Found<'d>>> {
        let keyword = if schema.get("oneOf").is_some() { "oneOf" } else { "anyOf" };
        let mut found = Vec::new();
        for (position, alternative) in list.iter().enumerate() {
            let at = format!("{at}.{keyword}[{position}]");
            let title = alternative.get("title").map(text).filter(|title| !title.is_empty());
            let own = title.unwrap_or_else(|| format!("{hint}Option{}", position + 1));
            let ty = self.ty(alternative, &at, &own)?;
            let annotations = self.annotations(alternative)?;
            let resolved = *annotations.last().unwrap_or(&alternative);
            let names = annotations.iter().filter_map(|schema| self.document_name(schema));
            let names = names.map(ToOwned::to_owned).collect();
            let limits = match ty {
                Type::Object { .. } | Type::Map { .. } | Type::Union { .. } => Limits::default(),
                _ => limits(|name| annotations.iter().find_map(|schema| schema.get(name))),
            };
            found.push(Found { names, limits, ..Found::new(ty, resolved, None) });
        }
        Ok(found)
    }

    /// The name that the document has for a schema.
    fn document_name(&self, schema: &Value) -> Option<&'d str> {
        self.components.names.get(&std::ptr::from_ref(schema)).copied()
    }

    /// One type of all alternatives; `name` is that of the union where one of them has it within.
    fn united(
        &mut self,
        schema: &'d Value,
        name: Option<String>,
        members: Vec<Found<'d>>,
        hint: &str,
    ) -> Type {
        let is_itself =
            |ty: &Type| matches!(ty, Type::Union { name: own } if Some(own) == name.as_ref());
        let members: Vec<_> = members.into_iter().filter(|member| !is_itself(&member.ty)).collect();
        if name.is_none()
            && (members.is_empty() || members.iter().any(|member| member.ty == Type::Any))
        {
            return Type::Any;
        }
        let mut members = self.without_repetitions(schema, members, hint);
        if let ([only], None) = (members.as_slice(), &name) {
            return only.ty.clone();
        }
        let pascal = name.unwrap_or_else(|| self.name(&self.naming.pascal(hint), "Input"));
        // A member that takes all is asked last.
        members.sort_by_key(|member| member.ty == Type::Any);
        let discriminator = self.discriminator(schema, &members).or_else(|| self.implied(&members));
        let mut variants = NameAllocator::default();
        // The variant for what is none of them.
        variants.reserve("Other");
        let members = members.into_iter().map(|Found { ty, limits, .. }| {
            let variant = variants.allocate(&variant_name(&ty));
            Member { ty, variant, limits }
        });
        let members: Vec<Member> = members.collect();
        self.unions.push(Union {
            upper: names::upper(&pascal),
            pascal: pascal.clone(),
            description: describe(&schema.get("description").map(text).unwrap_or_default()),
            is_limited: members.iter().any(|member| member.limits != Limits::default()),
            members,
            discriminator,
            in_requests: false,
            in_responses: false,
        });
        Type::Union { name: pascal }
    }

    /// Members of which none is a special case of another; those of unions within that nothing tells apart are members.
    fn without_repetitions(
        &mut self,
        schema: &'d Value,
        members: Vec<Found<'d>>,
        hint: &str,
    ) -> Vec<Found<'d>> {
        let mut flat: Vec<Found<'d>> = Vec::new();
        for member in members {
            let within = match &member.ty {
                Type::Union { name } if schema.get("discriminator").is_none() => {
                    self.unions.iter().find(|known| known.pascal == *name)
                }
                _ => None,
            };
            match within.filter(|known| known.discriminator.is_none()) {
                Some(within) => flat.extend(within.members.iter().map(|inner| Found {
                    limits: inner.limits.clone(),
                    ..Found::new(inner.ty.clone(), member.schema, None)
                })),
                None => flat.push(member),
            }
        }
        let texts: Vec<&Type> =
            flat.iter().map(|member| &member.ty).filter(|ty| is_text(ty)).collect();
        let text = match texts.as_slice() {
            [] => None,
            [first, rest @ ..] if rest.iter().all(|other| other == first) => Some((*first).clone()),
            all if all.iter().all(|ty| matches!(ty, Type::Enum { .. })) => {
                let names: Vec<String> = all
                    .iter()
                    .filter_map(|ty| {
                        if let Type::Enum { name } = ty { Some(name.clone()) } else { None }
                    })
                    .collect();
                Some(self.merged_enum(schema, &names, hint))
            }
            _ => Some(Type::Text),
        };
        let money = flat.iter().find(|member| matches!(member.ty, Type::Money { .. }));
        let is_wide = flat.iter().any(|member| member.ty == Type::Integer { wide: true });
        let has_number = flat.iter().any(|member| member.ty == Type::Number);
        let number = money
            .map(|money| money.ty.clone())
            .or(has_number.then_some(Type::Number))
            .unwrap_or(Type::Integer { wide: is_wide });
        let mut unique: Vec<Found<'d>> = Vec::new();
        for mut member in flat {
            if is_text(&member.ty) {
                member.ty = text.clone().unwrap_or(Type::Text);
            } else if matches!(member.ty, Type::Integer { .. } | Type::Number | Type::Money { .. })
            {
                member.ty = number.clone();
            }
            match unique.iter_mut().find(|known| known.ty == member.ty) {
                Some(known) => {
                    known.limits = std::mem::take(&mut known.limits).or(member.limits);
                    known.names.extend(member.names);
                }
                None => unique.push(member),
            }
        }
        unique
    }

    /// The discriminator that the document gives.
    fn discriminator(&self, schema: &'d Value, members: &[Found<'d>]) -> Option<Discriminator> {
        let given = schema.get("discriminator")?;
        let field = given.get("propertyName").map(text)?;
        let mut values: Vec<(String, usize)> = Vec::new();
        let mapping = given.get("mapping").and_then(Value::as_object);
        for (value, target) in mapping.into_iter().flatten() {
            let target = target.as_str().map(unescaped).unwrap_or_default();
            let target = target.rsplit('/').next().unwrap_or_default();
            let named = members
                .iter()
                .position(|member| member.names.first().is_some_and(|name| name == target))
                .or_else(|| {
                    members.iter().position(|member| member.names.iter().any(|name| name == target))
                });
            values.extend(named.map(|position| (value.clone(), position)));
        }
        for (position, member) in members.iter().enumerate() {
            if values.iter().any(|(_, known)| *known == position) {
                continue;
            }
            // The base's own field has the texts of all.
            let is_base = std::ptr::eq(member.schema, schema);
            let constants =
                if is_base { Vec::new() } else { self.constants(member.schema, &field) };
            let named = if constants.len() == 1 {
                constants
            } else {
                member.names.first().into_iter().cloned().collect()
            };
            for value in named {
                if !values.iter().any(|(known, _)| *known == value) {
                    values.push((value, position));
                }
            }
            let is_told = values.iter().any(|(_, known)| *known == position);
            if matches!(member.ty, Type::Object { .. }) && !is_told && !is_base {
                return None;
            }
        }
        let other = members.iter().position(|member| std::ptr::eq(member.schema, schema));
        Some(Discriminator { field, values, other })
    }

    /// A field that all members have, and whose texts tell them apart.
    fn implied(&self, members: &[Found<'d>]) -> Option<Discriminator> {
        let (first, rest) = members.split_first()?;
        let is_object = |member: &Found<'_>| matches!(member.ty, Type::Object { .. });
        if rest.is_empty() || !members.iter().all(is_object) {
            return None;
        }
        let fields = self.properties(first.schema).ok()?;
        fields.iter().find_map(|(field, _)| {
            let mut values: Vec<(String, usize)> = Vec::new();
            for (position, member) in members.iter().enumerate() {
                let constants = self.constants(member.schema, field);
                let is_known = |value: &String| values.iter().any(|(known, _)| known == value);
                if constants.is_empty() || constants.iter().any(is_known) {
                    return None;
                }
                values.extend(constants.into_iter().map(|value| (value, position)));
            }
            Some(Discriminator { field: (*field).to_owned(), values, other: None })
        })
    }

    /// The only texts that a field of an object can have.
    fn constants(&self, schema: &'d Value, field: &str) -> Vec<String> {
        let property = self.property(schema, field).ok().flatten();
        let annotations = property.and_then(|property| self.annotations(property).ok());
        let known = annotations.iter().flatten().find_map(|schema| schema.get("enum"));
        strings(known)
    }
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::Uuid | Type::Date | Type::DateTime | Type::Enum { .. })
}

/// `Card`, `CardList`, `Text`
fn variant_name(ty: &Type) -> String {
    match ty {
        Type::Text => "Text".into(),
        Type::Uuid => "Uuid".into(),
        Type::DateTime => "DateTime".into(),
        Type::Date => "Date".into(),
        Type::Boolean => "Boolean".into(),
        Type::Integer { .. } => "Integer".into(),
        Type::Number => "Number".into(),
        Type::Money { .. } => "Amount".into(),
        Type::Enum { name } | Type::Object { name } | Type::Union { name } => name.clone(),
        Type::List { item } => format!("{}List", variant_name(item)),
        Type::Map { value } => format!("{}Map", variant_name(value)),
        Type::File { .. } => "File".into(),
        Type::Any => "Any".into(),
    }
}
