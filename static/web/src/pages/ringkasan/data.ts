import type { SurveyResult } from '../survey/items';

/** See signaling/api/record.go. */
export interface Summary {
  title: string;
  speaker: string;
  startsAt: string;
  endsAt: string;
  ended: boolean;
  threshold: number;
  summary: {
    people: number;
    meets: number;
    peak: number;
    peakAt: number;
    mean: number;
    live: number;
    from: number;
    to: number;
    curve: number[];
    regions: { code: string; people: number; meets: number }[];
    asked: number;
    answered: number;
    written: number;
    votes: number;
    polls: number;
    captions: number;
    notes: number;
  };
  names: Record<string, string>;
  survey: SurveyResult;
  questions: { text: string; support: number; answer: string }[];
}
