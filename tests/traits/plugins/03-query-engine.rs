use std::any::Any;
use std::sync::Arc;

use api::{Cells, Column, DataType, Name, Origin, QueryError, QueryResult, ReadOptions, Schema, SchemaRef, Table};

/// One column that counts.
#[derive(Default)]
pub struct Numbers;

struct Counted {
    name: Name,
    data_type: DataType,
    length: usize,
}

impl Cells for Counted {
    fn name(&self) -> &Name {
        &self.name
    }

    fn data_type(&self) -> &DataType {
        &self.data_type
    }

    fn len(&self) -> usize {
        self.length
    }

    fn slice(&self, _offset: i64, length: usize) -> Column {
        counted(length)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn counted(length: usize) -> Column {
    Column(Arc::new(Counted { name: "n".into(), data_type: DataType::Whole, length }))
}

impl Origin for Numbers {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn read(&self, options: ReadOptions) -> QueryResult<Table> {
        let Some(rows) = options.rows else {
            return Err(QueryError::Compute("there is no end".into()));
        };
        Ok(Table::new(rows, vec![counted(rows)]))
    }

    fn schema(&self, _rows: Option<usize>) -> QueryResult<SchemaRef> {
        let mut schema = Schema::default();
        schema.push("n".into(), DataType::Whole);
        Ok(Arc::new(schema))
    }

    fn slices(&self) -> bool {
        true
    }
}

plugbox::export!(Numbers as dyn Origin);
