/** A template that cannot be resolved for this item: the execution fails without an attempt. */
export class TemplateFailure extends Error {
  readonly code: 'template-failed' | 'input-invalid' | 'config-invalid' | 'secret-missing';

  constructor(code: TemplateFailure['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TemplateFailure';
    this.code = code;
  }
}
