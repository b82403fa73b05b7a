/** Every code of a diagnostic, with what it says in one line. docs/errors.md has the same list with what to do. */
export const diagnosticCodes = {
  // The text of a file.
  'file-too-large': 'A file has more than 1 MiB.',
  'bad-encoding': 'A file is not UTF-8 text.',
  'control-character': 'A control character stands in the text of a file.',
  'too-deep': 'A file nests deeper than 64 levels.',
  'empty-file': 'A file holds nothing.',
  'yaml-syntax': 'A file is neither YAML nor JSON.',
  'yaml-tag': 'A YAML tag is not of the core schema.',
  'several-documents': 'A file holds more than one YAML document.',
  'duplicate-key': 'A key is given twice in one mapping.',
  'bad-key': 'A key of a mapping is no text.',
  'bad-merge': 'The merge key << has a value that is no mapping.',
  'bad-number': 'A number is infinite or not a number.',
  'big-integer': 'An integer that no double holds exactly is kept as its text.',
  'unknown-anchor': 'An alias names an anchor that does not stand before it.',
  'alias-cycle': 'An alias stands inside of what it stands for.',
  'alias-expansion': 'The aliases of a file stand for more than 10,000 values.',
  'unknown-version': 'The version of the cluster API is not known.',
  'unknown-key': 'A mapping has a key that is not known.',
  'missing-key': 'A mapping lacks a key that it needs.',
  'key-not-here': 'A key stands where it may not stand.',
  'wrong-type': 'A value is of the wrong kind: a list in place of a text.',
  'bad-value': 'A value is not among those that are allowed.',
  'bad-duration': 'A duration cannot be read, or is out of its limits.',
  'bad-name': 'A name holds characters that names may not hold.',
  'more-problems': 'A file has more problems than are listed.',

  // The graph.
  'bad-identifier': 'An identifier is none, or a step needs one of its own.',
  'duplicate-identifier': 'Two steps have the same identifier.',
  'too-many-steps': 'A cluster has more than 1,000 steps.',
  'unknown-step': 'A name is that of no step.',
  'cyclic-needs': 'Steps need one another in a circle.',
  'redundant-need': 'A need is implied by another need of the same step.',
  'collect-of-need': 'A step collects per object of a step that it needs directly.',
  'not-an-ancestor': 'A step is named that does not come before this one.',
  'join-of-alternatives': 'A join waits for sides that may exclude one another.',
  'unreachable-step': 'A step can never run.',

  // What a step uses.
  'bad-uses': 'The reference of a satellite or cluster cannot be read.',
  'unknown-satellite': 'A satellite is in no catalog.',
  'unknown-satellite-version': 'A satellite has no version that fits.',
  'unknown-cluster': 'A cluster that is used as a step is not known.',
  'cluster-cycle': 'A cluster runs itself, directly or through another.',
  'cluster-too-deep': 'Clusters run clusters more than 8 levels deep.',
  'schema-mismatch': "A config or input does not fit the satellite's schema.",
  'repeated-key': 'A list of mappings that becomes one mapping gives a key twice.',
  'cardinality-not-literal': 'A config key that decides between one and many is a template.',
  'bad-output-schema': 'The shorthand of an output schema cannot be read.',

  // Templates.
  'bad-expression': 'An expression cannot be read.',
  'unknown-name': 'An expression names a context that does not exist.',
  'unknown-function': 'An expression calls a function that does not exist.',
  'unknown-attribute': 'An expression reads an attribute that does not exist.',
  'name-not-here': 'A context or function is used where it has no meaning.',
  'no-item-dimension': 'A $${{ }} reads nothing that belongs to an item, or a secret.',
  'not-one-object': 'A $${{ }} reads a step that has no single object here.',
  'dynamic-step': 'An expression picks a step at run time.',
  'whole-list': 'A ${{ }} gives the whole list of a step, where one object was probably meant.',
  'field-of-list': 'A field of a list is read, which is always null.',
  'template-not-read': 'A placeholder stands in a text that is no template.',
  'if-always-true': 'A condition has text around its placeholder, so it is always true.',
  'undeclared-input': 'An input is read that the cluster does not declare.',
  'undeclared-var': 'A variable is read that the cluster does not declare.',

  // Secrets.
  'undeclared-secret': 'A secret is read that the cluster does not declare.',
  'literal-secret': 'The value of a secret stands in the file.',
  'bad-secret': 'The declaration of a secret cannot be read.',
  'duplicate-secret': 'A secret is declared twice.',
  'shared-secret': 'The value of a secret is written by an alias.',
  'secret-elsewhere': 'The value of a secret stands in the file a second time.',
  'secret-not-allowed': 'A secret is read where secrets may not stand.',
  'secret-access': 'Secrets are read as a whole, or by a name that is not written out.',
  'unknown-secret-key': 'A satellite takes no secret of that name.',
  'secret-value-in-step': 'A step gives the value of a secret in place of its name.',

  // Triggers and the rest.
  'bad-cron': 'A cron expression cannot be read.',
  'unknown-timezone': 'A time zone is not known.',
  'conflicting-keys': 'Two keys exclude one another.',
  'webhook-without-secret': 'A webhook accepts deliveries from anybody.',
  'no-trigger': 'A cluster has no trigger.',
  'bad-input-declaration': 'The declaration of an input contradicts itself.',

  // Environments.
  'unknown-substitute': 'An environment replaces a satellite that the cluster does not use.',
  'substitute-mismatch': 'A substitute does not fit the satellite that it stands for.',
  'bad-endpoint': 'An endpoint is no address.',
} as const;

/** A code of {@link diagnosticCodes}. */
export type DiagnosticCode = keyof typeof diagnosticCodes;
