package scenarios

// WriteSchema is for the test that holds the published schema to the types.
var WriteSchema = writeSchema
