//! Writes Parquet: amounts as decimals of 128 bits, what has no type of its own as text.

use std::io::Write;
use std::sync::Arc;

use anyhow::Context as _;
use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type as ParquetType, TypePtr};
use payglot::runtime::json::{Document, RawJson};
use payglot::schema::Type;
use rust_decimal::Decimal;

use super::columns::Stored;
use super::files::{AS_IT_IS, VALUE, cell};
use super::state::State;
use crate::call::rows;

/// Records of a row group: all that is in memory at once.
const GROUP: usize = 8192;
/// Bytes of a decimal.
const DECIMAL: i32 = 16;
const DIGITS: i32 = 38;

/// The values of a column in a row group; absent ones are only in the levels.
struct Buffer {
    name: String,
    stored: Stored,
    levels: Vec<i16>,
    values: Values,
}

enum Values {
    Text(Vec<ByteArray>),
    Boolean(Vec<bool>),
    Integer(Vec<i64>),
    Number(Vec<f64>),
    Decimal(Vec<FixedLenByteArray>),
}

pub fn write(out: &mut (impl Write + Send), state: &State) -> anyhow::Result<()> {
    let columns = state.progress.columns.iter();
    let mut buffers: Vec<Buffer> =
        columns.map(|column| Buffer::new(&column.name, column.stored())).collect();
    if buffers.is_empty() {
        buffers.push(Buffer::new(VALUE, Stored::Text));
    }
    let fields = buffers.iter().map(Buffer::field).collect::<Result<Vec<_>, _>>()?;
    let schema = Arc::new(ParquetType::group_type_builder("record").with_fields(fields).build()?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = SerializedFileWriter::new(out, schema, Arc::new(properties))?;
    let mut waiting = 0;
    state.each(|line| {
        let document = Document::new(line).into();
        let record = RawJson::root(&document).context("the state holds a line that is no JSON")?;
        for buffer in &mut buffers {
            buffer.push(record)?;
        }
        waiting += 1;
        if waiting == GROUP {
            waiting = 0;
            flush(&mut writer, &mut buffers)?;
        }
        Ok(())
    })?;
    if waiting > 0 {
        flush(&mut writer, &mut buffers)?;
    }
    writer.close()?;
    Ok(())
}

fn flush<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    buffers: &mut [Buffer],
) -> anyhow::Result<()> {
    let mut group = writer.next_row_group()?;
    for buffer in buffers {
        let mut column =
            group.next_column()?.context("the file has fewer columns than the records")?;
        let levels = std::mem::take(&mut buffer.levels);
        match (column.untyped(), &mut buffer.values) {
            (ColumnWriter::ByteArrayColumnWriter(writer), Values::Text(values)) => {
                writer.write_batch(&std::mem::take(values), Some(&levels), None)?;
            }
            (ColumnWriter::BoolColumnWriter(writer), Values::Boolean(values)) => {
                writer.write_batch(&std::mem::take(values), Some(&levels), None)?;
            }
            (ColumnWriter::Int64ColumnWriter(writer), Values::Integer(values)) => {
                writer.write_batch(&std::mem::take(values), Some(&levels), None)?;
            }
            (ColumnWriter::DoubleColumnWriter(writer), Values::Number(values)) => {
                writer.write_batch(&std::mem::take(values), Some(&levels), None)?;
            }
            (ColumnWriter::FixedLenByteArrayColumnWriter(writer), Values::Decimal(values)) => {
                writer.write_batch(&std::mem::take(values), Some(&levels), None)?;
            }
            _ => anyhow::bail!("the column {} has another type than its values", buffer.name),
        }
        column.close()?;
    }
    group.close()?;
    Ok(())
}

impl Buffer {
    fn new(name: &str, stored: Stored) -> Self {
        let values = match stored {
            Stored::Text => Values::Text(Vec::new()),
            Stored::Boolean => Values::Boolean(Vec::new()),
            Stored::Integer => Values::Integer(Vec::new()),
            Stored::Number => Values::Number(Vec::new()),
            Stored::Decimal(_) => Values::Decimal(Vec::new()),
        };
        Self { name: name.to_owned(), stored, levels: Vec::new(), values }
    }

    fn field(&self) -> Result<TypePtr, parquet::errors::ParquetError> {
        let physical = match self.stored {
            Stored::Text => Physical::BYTE_ARRAY,
            Stored::Boolean => Physical::BOOLEAN,
            Stored::Integer => Physical::INT64,
            Stored::Number => Physical::DOUBLE,
            Stored::Decimal(_) => Physical::FIXED_LEN_BYTE_ARRAY,
        };
        let field = ParquetType::primitive_type_builder(&self.name, physical)
            .with_repetition(Repetition::OPTIONAL);
        let field = match self.stored {
            Stored::Text => field
                .with_logical_type(Some(LogicalType::String))
                .with_converted_type(ConvertedType::UTF8),
            Stored::Decimal(scale) => {
                let scale = i32::try_from(scale).unwrap_or(DIGITS);
                field
                    .with_length(DECIMAL)
                    .with_logical_type(Some(LogicalType::decimal(scale, DIGITS)))
                    .with_converted_type(ConvertedType::DECIMAL)
                    .with_precision(DIGITS)
                    .with_scale(scale)
            }
            Stored::Boolean | Stored::Integer | Stored::Number => field,
        };
        Ok(Arc::new(field.build()?))
    }

    fn push(&mut self, record: RawJson<'_>) -> anyhow::Result<()> {
        let Some(value) = cell(record, &self.name) else {
            self.levels.push(0);
            return Ok(());
        };
        let problem = || format!("a value of {} is not of the column's type", self.name);
        match (&mut self.values, self.stored) {
            (Values::Boolean(values), _) => values.push(value.as_bool().with_context(problem)?),
            (Values::Integer(values), _) => values.push(value.as_integer().with_context(problem)?),
            (Values::Number(values), _) => values.push(value.as_number().with_context(problem)?),
            (Values::Decimal(values), Stored::Decimal(scale)) => {
                let amount = value
                    .as_decimal()
                    .and_then(|amount| scaled(amount, scale))
                    .with_context(problem)?;
                values.push(amount.to_be_bytes().to_vec().into());
            }
            (Values::Text(values), _) => {
                values.push(rows::text(value, &Type::Any, AS_IT_IS).into_bytes().into());
            }
            (Values::Decimal(_), _) => anyhow::bail!(problem()),
        }
        self.levels.push(1);
        Ok(())
    }
}

/// The amount as a whole number of its smallest unit.
fn scaled(amount: Decimal, scale: u32) -> Option<i128> {
    let factor = 10_i128.checked_pow(scale.checked_sub(amount.scale())?)?;
    amount.mantissa().checked_mul(factor)
}
