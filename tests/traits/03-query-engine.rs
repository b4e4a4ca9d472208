//! Sources of a query engine. The plugin trait is `Origin`.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::{self, Debug, Formatter};
use std::io;
use std::sync::{Arc, OnceLock};

/// A short name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Box<str>);

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Name(text.into())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum DataType {
    Truth,
    Whole,
    Real,
    Text,
    List(Box<DataType>),
    Record(Vec<Field>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: Name,
    pub data_type: DataType,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    fields: Vec<(Name, DataType)>,
}

impl Schema {
    pub fn push(&mut self, name: Name, data_type: DataType) {
        self.fields.push((name, data_type));
    }

    pub fn len(&self) -> usize {
        self.fields.len()
    }

    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

pub type SchemaRef = Arc<Schema>;

/// The cells of a column.
pub trait Cells: Send + Sync {
    fn name(&self) -> &Name;

    fn data_type(&self) -> &DataType;

    fn len(&self) -> usize;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn slice(&self, offset: i64, length: usize) -> Column;

    fn as_any(&self) -> &dyn Any;
}

#[derive(Clone)]
pub struct Column(pub Arc<dyn Cells>);

/// A table: columns of one height.
#[derive(Clone, Default)]
pub struct Table {
    height: usize,
    columns: Vec<Column>,
    schema: OnceLock<SchemaRef>,
}

impl Table {
    pub fn new(height: usize, columns: Vec<Column>) -> Self {
        Table { height, columns, schema: OnceLock::new() }
    }

    pub fn height(&self) -> usize {
        self.height
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub fn schema(&self) -> &SchemaRef {
        self.schema.get_or_init(|| {
            let mut schema = Schema::default();
            for column in &self.columns {
                schema.push(column.0.name().clone(), column.0.data_type().clone());
            }
            Arc::new(schema)
        })
    }
}

/// The message of an error.
#[derive(Debug, Clone)]
pub struct Message(Cow<'static, str>);

impl<T: Into<Cow<'static, str>>> From<T> for Message {
    fn from(text: T) -> Self {
        Message(text.into())
    }
}

#[derive(Debug, Clone)]
pub enum QueryError {
    NoSuchColumn(Message),
    Compute(Message),
    Shape(Message),
    Io { error: Arc<io::Error>, message: Option<Message> },
    Context { error: Box<QueryError>, message: Message },
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            QueryError::NoSuchColumn(message) | QueryError::Compute(message) | QueryError::Shape(message) => {
                f.write_str(&message.0)
            }
            QueryError::Io { error, .. } => write!(f, "{error}"),
            QueryError::Context { error, message } => write!(f, "{}: {error}", message.0),
        }
    }
}

impl std::error::Error for QueryError {}

pub type QueryResult<T> = Result<T, QueryError>;

/// A function over columns.
pub trait Function: Send + Sync {
    fn as_any(&self) -> &dyn Any;

    fn call(&self, columns: &mut [Column]) -> QueryResult<Column>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    Less,
    And,
    Plus,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Null,
    Truth(bool),
    Whole(i64),
    Real(f64),
    Text(Name),
}

/// An expression.
#[derive(Clone)]
pub enum Expression {
    Column(Name),
    Literal(Literal),
    Alias(Arc<Expression>, Name),
    Binary { left: Arc<Expression>, operator: Operator, right: Arc<Expression> },
    Call { inputs: Vec<Expression>, function: Arc<dyn Function> },
}

/// What is to be read.
pub struct ReadOptions {
    pub rows: Option<usize>,
    pub columns: Option<Arc<[Name]>>,
    pub schema: SchemaRef,
    pub output_schema: Option<SchemaRef>,
    pub filter: Option<Expression>,
}

/// A source of tables.
pub trait Origin: Send + Sync {
    fn as_any(&self) -> &dyn Any;

    /// Reads a table.
    fn read(&self, options: ReadOptions) -> QueryResult<Table>;

    /// Reads the next part of a table, if there is one.
    fn read_next(&self, options: ReadOptions) -> QueryResult<Option<Table>> {
        self.read(options).map(Some)
    }

    /// Returns the columns of the table.
    fn schema(&self, _rows: Option<usize>) -> QueryResult<SchemaRef> {
        Err(QueryError::Compute("a schema is needed".into()))
    }

    /// Says whether the source filters.
    fn filters(&self) -> bool {
        false
    }

    /// Says whether the source selects columns.
    fn selects(&self) -> bool {
        false
    }

    /// Says whether the source selects rows.
    fn slices(&self) -> bool {
        false
    }
}

impl Debug for dyn Origin {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "an origin")
    }
}
