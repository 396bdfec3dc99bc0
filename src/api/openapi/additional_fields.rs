//! Describes what the configuration adds to users, where users are shown and where they are written.

use utoipa::openapi::{
    Array, Components, KnownFormat, Object, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};

use crate::types::{FieldType, UserField, UserFields};

/// Adds the fields to the schemas of users and of the bodies that set them.
pub(super) fn describe(components: &mut Components, fields: &UserFields) {
    for field in fields.iter().filter(|field| field.returned) {
        let is_never_null = field.required && !field.default.is_null();
        add(components, "User", field, (!is_never_null, true));
    }
    for field in fields.iter().filter(|field| field.input) {
        add(components, "SignUpBody", field, (!field.required, field.required && field.default.is_null()));
        add(components, "UpdateUserBody", field, (!field.required, false));
        add(components, "CodeSignInBody", field, (!field.required, false));
    }
}

fn add(components: &mut Components, schema: &str, field: &UserField, (is_nullable, is_required): (bool, bool)) {
    if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(schema) {
        object.properties.insert(field.name.clone(), schema_of(field, is_nullable));
        if is_required {
            object.required.push(field.name.clone());
        }
    }
}

fn schema_of(field: &UserField, is_nullable: bool) -> RefOr<Schema> {
    let typed = |kind: Type| {
        if is_nullable { SchemaType::from_iter([kind, Type::Null]) } else { SchemaType::Type(kind) }
    };
    let text = |kind: SchemaType| ObjectBuilder::new().schema_type(kind).max_length(Some(field.max_length));
    let plain = |kind: Type| ObjectBuilder::new().schema_type(typed(kind));
    let object: Object = match field.kind {
        FieldType::String => text(typed(Type::String)).build(),
        FieldType::Number => plain(Type::Number).build(),
        FieldType::Boolean => plain(Type::Boolean).build(),
        FieldType::Date => plain(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).build(),
        FieldType::Strings => {
            let mut list = Array::new(text(SchemaType::Type(Type::String)).build());
            list.schema_type = typed(Type::Array);
            list.max_items = Some(UserField::MAX_ITEMS);
            return list.into();
        }
    };
    object.into()
}
