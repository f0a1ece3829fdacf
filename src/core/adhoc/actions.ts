/** What one may do at a stage of a command, beside `cancel` (XEP-0050 section 3.4). */
export type StageAction = 'prev' | 'next' | 'complete';
