import type { Lexicon } from './lexicon.ts'

/** Dutch, Russian, Polish, Turkish, Korean and Swedish: what says yes, goes on or does nothing. What a label does is left to the head. */
export const further: Lexicon = {
  classes: {},
  commits: `^bevestigen$; ^ja$; ^akkoord$; ^voltooien$; ^toepassen$; ^klaar$; ^подтвердить$; ^да$; ^готово$; ^применить$; ^выполнить$; ^potwierdź$; ^tak$; ^zatwierdź$; ^zastosuj$; ^gotowe$; ^onayla$; ^evet$; ^tamam$; ^uygula$; ^확인$; ^예$; ^네$; ^완료$; ^적용$; ^bekräfta$; ^klar$; ^verkställ$`,
  continues: `^doorgaan$; ^volgende$; ^verder$; ^далее$; ^продолжить$; ^dalej$; ^kontynuuj$; ^ileri$; ^devam et$; ^devam$; ^다음$; ^계속$; ^nästa$; ^fortsätt$`,
  looks: `annuleren; annuleer; terug; niet; geen; nee; bekijk*; toon*; zoek*; sluiten; overslaan; hoe; lees; отмена; назад; закрыть; показать; поиск; найти; не; нет; подробнее; посмотреть; читать; пропустить; позже; как; anuluj; wstecz; zamknij; pokaż; szukaj; nie; szczegóły; zobacz; pomiń; później; jak; iptal; geri; göster; görüntüle; hayır; ayrıntı*; nasıl; atla; daha; 취소; 뒤로; 닫기; 아니요; 건너뛰기; 나중에; avbryt; tillbaka; stäng$; visa; sök; nej; inte; hur; läs; hoppa över`,
  surfaces: `overzicht; instellingen; geschiedenis; handleiding; vragen; настройки; история; справка; вопросы; ustawienia; pomoc; pytania; ayarlar; ayarları; geçmişi; yardım; soruları; 설정; 내역; 도움말; 안내; 보기; 질문; 목록; inställningar; historik; hjälp; frågor`,
  collections: '',
  others: `winkelwagen; winkelmand; в корзину; корзину покупок; do koszyka; sepete; favorilere; 장바구니; 즐겨찾기; varukorg; favoriter`,
}
