/*
 * Whether a claim and the page that it is about are in different languages, as far as the words that are on most pages tell. A claim in
 * English about a page in German is not wrong because its letters are others.
 */

const english =
  /(?<!\p{L})(?:the|and|of|to|your|you|for|with|all|new|my|is|are|on|from|by|not|this|that|no|yes|or|at|it|settings|search|help|home|about|sign|log|add|view|more|orders?|save|cancel|close|open|edit|delete|share|send|click|button|field|page|name|next|back)(?!\p{L})/giu
const german =
  /(?<!\p{L})(?:der|die|das|den|dem|des|und|für|fur|mit|ein|eine|einen|neu|neue|neuer|neues|alle|mein|meine|ist|sind|auf|von|aus|bei|nicht|kein|keine|oder|zum|zur|im|ab|heute|suchen|hilfe|seite|weiter|zurück|zuruck|speichern|abbrechen|öffnen|schließen|schliessen|bearbeiten|löschen|loschen|senden|teilen|anzeigen|übersicht|ubersicht|einstellungen|konto|datei|dateien|drucken|geräte|gerate|ansehen|reservieren|anbieten|einladen|auswählen|auswahlen|bestellungen|nachrichten|sprache|sicherheit|kunden|berichte|kalender|profil|projekte|aufgaben|fotos|datenschutz|speicher|versand|netzwerk|betrag|empfänger|empfanger|telefon|firma|ort|land|straße|strasse|datum|name|benutzer|anmelden|abmelden|verwerfen|kopieren|herunterladen|hochladen|\p{L}{3,}(?:ung|ungen|keit|heit|schaft|ieren|ieren|lich|isch|ische|tigen|chten|stellen|zeichnis))(?!\p{L})|[äöüß]/giu

export function isForeign(claim: string, target: string, page: readonly string[]): boolean {
  const text = page.join(' ')
  const [pageEnglish, pageGerman] = [count(text, english), count(text, german)]
  if (count(target, german) > 0 && pageGerman > pageEnglish) return false
  if (pageGerman > 0 && pageGerman > pageEnglish) return count(claim, english) > count(claim, german)
  if (pageEnglish >= 2 && pageEnglish > pageGerman) return count(target, german) > count(target, english)
  return false
}

function count(text: string, words: RegExp): number {
  return text.match(words)?.length ?? 0
}
