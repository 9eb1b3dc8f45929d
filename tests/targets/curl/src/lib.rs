//! A target that nobody ships, as proof that a target is one folder: a shell script for each provider, with one
//! documented `curl` call for each operation.

use anyhow::{Result, bail};
use payglot_codegen::model::names::ReservedWords;
use payglot_codegen::model::{Auth, Field, Model, Operation, Provider, Type};
use payglot_codegen::output::{MARK, Output};
use payglot_codegen::targets::{Direction, Named, Signature, Target, Targets};

mod authentication;
mod shell;

use shell::{comment, quoted, url_part};

/// Writes the scripts.
pub struct Curl;

impl Target for Curl {
    fn name(&self) -> &'static str {
        "curl"
    }

    /// Variables that every call sets.
    fn reserved_words(&self) -> ReservedWords {
        ReservedWords {
            identifiers: &["base_path", "base_url", "body", "body_hash", "signature", "target"],
            ..ReservedWords::default()
        }
    }

    /// Path arguments are variables of the shell; anything else is written in JSON or in the URL, by its name there.
    fn identifier(&self, named: Named<'_>) -> String {
        match named {
            Named::PathArgument(field) => field.snake.clone(),
            other => other.on_the_wire().to_owned(),
        }
    }

    fn sample(&self, provider: &Provider, ty: &Type) -> String {
        quoted(&json_sample(provider, ty))
    }

    fn signature(&self, provider: &Provider, operation: &Operation) -> Signature {
        let variables = operation.path_params.iter().map(|field| format!("{}=… ", field.snake));
        Signature {
            call: format!(
                "{}sh {}.sh {}",
                variables.collect::<String>(),
                provider.config.name,
                operation.name
            ),
            returns: self.type_name(&operation.response, Direction::Response),
        }
    }

    fn files(&self, model: &Model, _targets: &Targets) -> Result<Vec<Output>> {
        model
            .providers
            .iter()
            .map(|provider| {
                let path = format!("curl/{}.sh", provider.config.name);
                Ok(Output::new(path, self.script(provider)?))
            })
            .collect()
    }
}

impl Curl {
    fn script(&self, provider: &Provider) -> Result<String> {
        let config = &provider.config;
        let mut text = format!("#!/bin/sh\n# {MARK}\n#\n");
        text += &comment("", &format!("{}: {}", config.title, config.summary));
        text += "# Names an operation and makes its call. Variables and bodies hold examples: change them.\n";
        text += "set -eu\n\n";
        text += &base_url(provider)?;
        for credential in &config.credentials {
            text += &comment("", &credential.description);
            text += &format!(": \"${{{}:?}}\"\n", credential.env);
        }
        text += "\ncase ${1-} in\n";
        for operation in &provider.operations {
            text += &self.operation(provider, operation)?;
        }
        let names: Vec<&str> =
            provider.operations.iter().map(|operation| operation.name.as_str()).collect();
        text += &format!("*)\n  printf '%s\\n' {} >&2\n  exit 2\n  ;;\nesac\n", names.join(" "));
        Ok(text)
    }

    fn operation(&self, provider: &Provider, operation: &Operation) -> Result<String> {
        let mut text = comment("", &operation.summary);
        text += &comment("", &operation.description);
        let signature = self.signature(provider, operation);
        text += &format!("#   {}\n", signature.call);
        for (named, field) in operation
            .path_params
            .iter()
            .map(|field| (Named::PathArgument(field), field))
            .chain(operation.params.iter().map(|field| (Named::Argument(field), field)))
        {
            let name = self.identifier(named);
            let ty = self.type_name(&field.ty, Direction::Request);
            text += &comment("  ", &format!("{name} ({ty}): {}", field.description));
        }
        text += &format!("{})\n", operation.name);
        for field in &operation.path_params {
            let (name, example) = (&field.snake, quoted(&plain(field)));
            text += &format!("  {name}=${{{name}:-{example}}}\n");
        }
        text += &format!("  target=\"$base_path\"{}\n", self.target(provider, operation));
        if let Some(body) = &operation.body {
            let body = Type::Object { name: body.clone() };
            text += &format!("  body={}\n", self.sample(provider, &body));
        } else {
            text += "  body=\n";
        }
        text += &authentication::prepare(&provider.config, operation)?;
        text += &format!(
            "  curl --silent --show-error --request {} \\\n    --header 'Accept: application/json' \\\n",
            operation.http_method
        );
        for option in authentication::options(&provider.config) {
            text += &format!("    {option} \\\n");
        }
        if operation.body.is_some() {
            text +=
                "    --header 'Content-Type: application/json' \\\n    --data-raw \"$body\" \\\n";
        }
        text += "    \"$base_url$target\"\n  ;;\n";
        Ok(text)
    }

    /// Path and query, as a word of the shell.
    fn target(&self, provider: &Provider, operation: &Operation) -> String {
        let mut word = String::new();
        let mut rest = operation.path.as_str();
        for field in &operation.path_params {
            let Some((before, after)) = rest.split_once(&format!("{{{}}}", field.wire)) else {
                continue;
            };
            let name = self.identifier(Named::PathArgument(field));
            word += &format!("{}\"${name}\"", quoted(before));
            rest = after;
        }
        if !rest.is_empty() {
            word += &quoted(rest);
        }
        let mut pairs: Vec<String> = operation
            .query
            .iter()
            .filter(|field| field.style.is_query())
            .map(|field| quoted(&format!("{}={}", url_part(&field.wire), url_part(&plain(field)))))
            .collect();
        if let Auth::Query { parameter, token } = &provider.config.auth {
            let token = shell::credential(&provider.config, token);
            pairs.push(format!("{}\"{token}\"", quoted(&format!("{}=", url_part(parameter)))));
        }
        if !pairs.is_empty() {
            word += &format!("'?'{}", pairs.join("'&'"));
        }
        word
    }
}

fn base_url(provider: &Provider) -> Result<String> {
    let config = &provider.config;
    let env = &config.base_url.env;
    let default = match &config.base_url.default_environment {
        Some(name) => match config.environments.get(name) {
            Some(environment) => format!(":-{}", quoted(&environment.url)),
            None => bail!("provider.toml: there is no environment `{name}`"),
        },
        None => ":?".to_owned(),
    };
    Ok(format!(
        "base_url=${{{env}{default}}}\n\
         # What stands after the host is part of every target, and of every signature.\n\
         base_path=$(printf %s \"$base_url\" | sed 's#^[a-z]*://[^/]*##; s#/$##')\n\
         base_url=${{base_url%/}}\n\
         base_url=${{base_url%\"$base_path\"}}\n\n"
    ))
}

/// A parameter's example as it is without quotes.
fn plain(field: &Field) -> String {
    payglot_codegen::model::examples::plain(field)
}

fn json_sample(provider: &Provider, ty: &Type) -> String {
    use payglot_codegen::model::examples::{Examples, scalar};
    Examples::new(provider).value(ty, &scalar(ty))
}
