/** The vocabulary of geoplan_data; the service makes the script (geoplan_maps.vocabulary). */

export const vocabulary: { zh: Record<string, string>; en: Record<string, string> };
export interface StationField {
  name: string;
  type: string;
  who: string;
  group: string;
}
export const stationFields: StationField[];
export const BUNDLES: Record<string, string[]>;
export const SLICES: string[];
export const CHIPS: string[];
