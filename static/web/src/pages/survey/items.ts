/** The first item of the evaluation that is of the speaker; those before are of the organisation. See classroom/survey. */
export const FIRST_OF_SPEAKER = 'mastery';

/** What an evaluation added up to: how many answered, and for each item its mean in hundredths and the count of each value. */
export interface SurveyResult {
  n: number;
  items: { key: string; mean: number; counts: number[] }[];
  good: string[];
  better: string[];
}
