//! The targets: each folder writes one kind of artefact from the model, and is one implementation of [`Target`].
//!
//! A target may use the model and every layer before it. It must not know another target's folder: what it needs of
//! another (a name, a type, a signature) it asks through the trait. Reserved words, type names, samples and templates
//! of a language stand in its folder and nowhere else.

use anyhow::{Result, bail};

use crate::diagnostic::Diagnostic;
use crate::model::examples::{Examples, scalar};
use crate::model::names::{Naming, ReservedWords};
use crate::model::{
    Credential, ErrorField, Event, Field, Helper, Model, Operation, Provider, Resource, Type,
};
use crate::output::Output;

pub mod cli;
pub mod contract;
pub mod docs;
pub mod node;
pub mod python;
pub mod rust;
pub mod sandbox;
pub mod sandbox_api;
pub(crate) mod text;

/// One kind of artefact. What a target does not say of names, types and samples, it takes from the wire.
pub trait Target {
    /// `python`: its folder, and its name in the artefacts of others.
    fn name(&self) -> &'static str;

    /// Names that its generated code uses itself.
    fn reserved_words(&self) -> ReservedWords {
        ReservedWords::default()
    }

    /// The name of something as a user writes it.
    fn identifier(&self, named: Named<'_>) -> String {
        named.on_the_wire().to_owned()
    }

    /// The type of a value as a user reads it.
    fn type_name(&self, ty: &Type, _direction: Direction) -> String {
        json_type(ty)
    }

    /// A value of a type as a user writes it.
    fn sample(&self, provider: &Provider, ty: &Type) -> String {
        Examples::new(provider).value(ty, &scalar(ty))
    }

    /// A call as a user writes it.
    fn signature(&self, _provider: &Provider, operation: &Operation) -> Signature {
        Signature {
            call: format!("{} {}", operation.http_method, operation.path),
            returns: self.type_name(&operation.response, Direction::Response),
        }
    }

    /// What the reference says of the language; none for a target that nobody programs in.
    fn reference(&self, _provider: &Provider) -> Option<Reference> {
        None
    }

    /// What this target cannot write of a provider.
    fn check(&self, _provider: &Provider) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Its files.
    fn files(&self, model: &Model, targets: &Targets) -> Result<Vec<Output>>;
}

/// Something that has a name.
#[derive(Debug, Clone, Copy)]
pub enum Named<'m> {
    /// What a client authenticates with.
    Credential(&'m Credential),
    /// A group of operations.
    Resource(&'m Resource),
    /// An operation within its group.
    Operation(&'m Operation),
    /// An argument that is part of the path.
    PathArgument(&'m Field),
    /// Any other argument.
    Argument(&'m Field),
    /// How many records a page has.
    PageSize(&'m Field),
    /// Which page it is.
    PageNumber(&'m Field),
    /// A field of a model.
    Field(&'m Field),
    /// A computed value of a model.
    Helper(&'m Helper),
    /// The type of an event.
    Event(&'m Event),
    /// A field of an error.
    ErrorField(&'m ErrorField),
}

impl<'m> Named<'m> {
    /// Its name in the document.
    pub fn on_the_wire(self) -> &'m str {
        match self {
            Self::Credential(credential) => &credential.name,
            Self::Resource(resource) => &resource.snake,
            Self::Operation(operation) => &operation.snake,
            Self::PathArgument(field)
            | Self::Argument(field)
            | Self::PageSize(field)
            | Self::PageNumber(field)
            | Self::Field(field) => &field.wire,
            Self::Helper(helper) => &helper.snake,
            Self::Event(event) => &event.name,
            Self::ErrorField(field) => &field.name,
        }
    }
}

/// Which way a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the caller to the vendor.
    Request,
    /// From the vendor to the caller.
    Response,
}

/// A call as a user writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `client.cards.get(card_id)`
    pub call: String,
    /// `Card | None`
    pub returns: String,
}

/// What the reference says of a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// `Python`
    pub title: &'static str,
    /// The type of a page's number and size.
    pub page_type: &'static str,
    /// The call that checks and reads a delivery.
    pub read_delivery: String,
    /// Whether a compiler checks the public surface, so that no test has to.
    pub is_compiled: bool,
}

/// The targets of a run.
pub struct Targets(Vec<Box<dyn Target>>);

impl Targets {
    /// The targets that payglot ships.
    pub fn standard() -> Self {
        Self(vec![
            Box::new(rust::Rust),
            Box::new(python::Python),
            Box::new(node::Node),
            Box::new(cli::Cli),
            Box::new(sandbox::Sandbox),
            Box::new(sandbox_api::SandboxApi),
            Box::new(docs::Docs),
            Box::new(contract::Contract),
        ])
    }

    /// A run with these targets.
    pub fn new(targets: Vec<Box<dyn Target>>) -> Self {
        Self(targets)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Target> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Those that users program in, with what the reference says of them.
    pub fn languages(&self, provider: &Provider) -> Vec<(&dyn Target, Reference)> {
        self.iter().filter_map(|target| Some((target, target.reference(provider)?))).collect()
    }

    /// Names that every target can use.
    pub fn naming(&self) -> Naming {
        Naming::new(self.iter().map(Target::reserved_words))
    }

    /// Every file of every target, by path.
    pub fn files(&self, model: &Model) -> Result<Vec<Output>> {
        let mut outputs = Vec::new();
        for target in self.iter() {
            outputs.extend(target.files(model, self)?);
        }
        outputs.sort_by(|a, b| a.path.cmp(&b.path));
        for pair in outputs.windows(2) {
            if let [a, b] = pair
                && a.path == b.path
            {
                bail!("two targets write {}", a.path.display());
            }
        }
        Ok(outputs)
    }
}

/// The type of a value in JSON.
fn json_type(ty: &Type) -> String {
    match ty {
        Type::Text
        | Type::Uuid
        | Type::DateTime
        | Type::Date
        | Type::Enum { .. }
        | Type::File { .. } => "string".into(),
        Type::Boolean => "boolean".into(),
        Type::Integer { .. } => "integer".into(),
        Type::Number | Type::Money { .. } => "number".into(),
        Type::Object { .. } | Type::Map { .. } => "object".into(),
        Type::List { .. } => "array".into(),
        Type::Union { .. } | Type::Any => "any".into(),
    }
}
