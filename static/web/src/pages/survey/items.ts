/** The first item of the evaluation that is of the speaker; those before are of the organisation. See classroom/survey. */
export const FIRST_OF_SPEAKER = 'mastery';
