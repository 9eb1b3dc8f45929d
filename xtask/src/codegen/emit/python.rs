//! Placeholder until the emitter is here.
use super::Output;
use crate::codegen::model::Model;
/// Nothing yet.
pub fn emit(_: &Model) -> anyhow::Result<Vec<Output>> {
    Ok(Vec::new())
}
