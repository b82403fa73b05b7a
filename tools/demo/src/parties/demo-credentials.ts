/** The secrets of the demo. They open nothing but the parties that this package starts. */
export const demoSecrets = {
  AWS_ACCESS_KEY: 'demo-reports-access-key',
  AWS_SECRET_KEY: 'demo-reports-secret-key',
  API_BEARER_TOKEN: 'demo-api-bearer-token',
  NEW_RELIC_ACCOUNT_ID: '1002003004',
  NEW_RELIC_API_KEY: 'demo-new-relic-api-key',
  NEW_RELIC_APPLICATION_ID: 'demo-new-relic-application',
  FAILURE_S3_AWS_ACCESS_KEY: 'demo-failure-access-key',
  FAILURE_S3_AWS_SECRET_KEY: 'demo-failure-secret-key',
  PAGERDUTY_API_KEY: 'demo-pagerduty-api-key',
  PAGERDUTY_SERVICE_ID: 'PDEMOSVC',
} as const;

/** The buckets of the example. */
export const reportsBucket = 'aikin-financial-reports';
export const failureBucket = 'aikin-financial-reports-failure';
