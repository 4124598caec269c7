/** What the sets call the drawings of each meaning, `circle` and `square` around them aside. */
const names: Readonly<Record<string, string>> = {
  delete: 'trash trash2 trash3 trash-can trash-bin delete delete-bin bin bin-half bin-full delete-forever bin-minus-in',
  settings:
    'settings setting cog gear gear-fine gear-six gear-wide gear-wide-connected settings-sharp cogs gears cog-6-tooth cog-8-tooth settings-cog setup settings-option',
  sliders:
    'sliders sliders-horizontal sliders-vertical adjustments adjustments-horizontal adjustments-alt tune options options-horizontal equalizer settings-adjust sliders2 sliders2-vertical control mixer-horizontal adjustments-vertical filter-edit-adjust',
  search: 'search magnify magnifying-glass magnifier search-outline zoom find',
  send: 'send send-horizontal send-horizonal send-plane send-diagonal paper-plane paper-plane-right paper-plane-tilt paper-airplane send-filled plane-paper sent near-me-send send-alt send2',
  close:
    'x close cross x-lg x-mark multiply clear times cancel-x dismiss window-close close-large x-circle close-circle xmark circle-x x-square square-x cancel-circle circle-xmark cross-circle xmark-circle dismiss-circle',
  add: 'plus add plus-lg add-large plus-circle plus-square circle-plus square-plus add-circle add-box plus-box add-square plus-thick plus-medium square-rounded-plus',
  minus:
    'minus subtract dash dash-lg remove-minus minus-circle circle-minus minus-square square-minus remove subtract-circle subtract-square dash-circle dash-square indeterminate-check-box',
  edit: 'edit edit2 edit3 pencil pen pencil-line square-pen edit-square pencil-square pencil-box create compose pen-square note-pencil edit-pencil pencil-fill pencil-simple mode-edit pen-new-square',
  heart: 'heart favorite favorite-border heart-circle favourite',
  star: 'star star-rate grade star-border star-circle',
  like: 'thumb-up thumbs-up hand-thumbs-up like thumb-up-off',
  dislike: 'thumb-down thumbs-down hand-thumbs-down dislike thumb-down-off',
  notifications:
    'bell notifications notification bell-ring bell-ringing alarm-bell notifications-active notifications-none bell-dot bell-badge alert-bell bell-simple bell-simple-ringing',
  'notifications-off':
    'bell-off bell-slash notifications-off notification-off bell-simple-slash notification-off bell-mute notifications-slash alert-off',
  cart: 'shopping-cart cart cart2 cart3 cart4 shopping-cart-simple basket shopping-basket basket2 basket3 shopping-cart2 cart-outline local-grocery-store shopping-cart-full bag shopping-bag bag-handle shopping handbag shop-cart basket-shopping shopping-bag-open tote-simple tote local-mall',
  pay: 'credit-card credit-card-front payment credit-card-alt bank-card payments card credit-cards bank-card2 credit-card2 cash-card',
  wallet: 'wallet wallet2 account-balance-wallet purse wallet3',
  download:
    'download cloud-download arrow-down-to-line download-cloud file-download arrow-bar-to-down download-simple cloud-arrow-down box-arrow-in-down cloud-down cloud-download-alt arrow-bar-down tray-arrow-down download2 install-desktop-arrow arrow-down-tray cloud-arrow-down-alt arrow-download',
  upload:
    'upload cloud-upload upload-cloud arrow-up-from-line file-upload arrow-bar-to-up upload-simple cloud-arrow-up cloud-up cloud-upload-alt tray-arrow-up upload2 arrow-up-tray arrow-upload publish',
  share:
    'share share2 share-2 share-network share-social share-variant share-alt share-ios share-android share-nodes share-square arrow-up-square-share share-apple share-alternate export-share share-knowledge',
  'open-external':
    'external-link box-arrow-up-right open-in-new arrow-square-out launch link-external open open-outline external-link-alt arrow-up-right-from-square square-arrow-out-up-right arrow-top-right-on-square link-box external open-new-window share-box launch-open',
  menu: 'menu menu2 menu-2 list-menu hamburger reorder-horizontal bars bars-3 menu-line hamburger-menu align-justify menu-hamburger menu-burger navicon three-bars view-headline dehaze menu-5 bars-2 bars-4',
  more: 'more more-vertical more-horizontal more-horiz more-vert ellipsis ellipsis-vertical ellipsis-horizontal dots dots-vertical dots-horizontal dots-three dots-three-vertical three-dots three-dots-vertical kebab-horizontal overflow-menu-vertical overflow-menu-horizontal more-2 more2 more-circle dots-circle dots-three-circle ellipsis-circle dots-three-outline dots-three-outline-vertical overflow-menu-vertical-dots more-horiz-dots',
  apps: 'apps grid grid-3x3 view-grid dots-nine app-grid grid-dots layout-grid grid-view grid-fill view-module squares-2x2 apps-list category-2 grid-3x3-gap squares-four grid-four microsoft-apps grid-3 dots-grid',
  list: 'list list-ul view-list list-bulleted format-list-bulleted list-bullets unordered-list list-unordered list-checks list-dashes text-bullet-list',
  forward:
    'arrow-right chevron-right caret-right arrow-forward arrow-right-circle chevron-forward chevron-right-circle circle-chevron-right circle-arrow-right arrow-right-square navigate-next keyboard-arrow-right arrow-forward-ios nav-arrow-right arrow-circle-right chevron-circle-right arrow-forward-circle chevron-forward-circle right angle-right arrow-right-short arrow-ios-forward form-next next-arrow caret-circle-right arrow-narrow-right arrow-right-long circle-right caret-forward arrow-head-right right-circle arrow-right-thick chevron-right-box chevron-right-square arrow-right-alt',
  back: 'arrow-left chevron-left caret-left arrow-back arrow-left-circle chevron-back chevron-left-circle circle-chevron-left circle-arrow-left arrow-left-square navigate-before keyboard-arrow-left arrow-back-ios nav-arrow-left arrow-circle-left chevron-circle-left arrow-back-circle chevron-back-circle left angle-left arrow-left-short arrow-ios-back form-previous caret-circle-left arrow-narrow-left arrow-left-long circle-left caret-back arrow-head-left left-circle arrow-left-thick chevron-left-box chevron-left-square arrow-left-alt',
  up: 'arrow-up chevron-up caret-up arrow-up-circle chevron-up-circle circle-chevron-up circle-arrow-up arrow-up-square keyboard-arrow-up expand-less arrow-upward nav-arrow-up arrow-circle-up chevron-circle-up up angle-up arrow-up-short arrow-ios-upward form-up caret-circle-up arrow-narrow-up arrow-up-long circle-up arrow-head-up up-circle arrow-up-thick arrow-drop-up',
  down: 'arrow-down chevron-down caret-down arrow-down-circle chevron-down-circle circle-chevron-down circle-arrow-down arrow-down-square keyboard-arrow-down expand-more arrow-downward nav-arrow-down arrow-circle-down chevron-circle-down down angle-down arrow-down-short arrow-ios-downward form-down caret-circle-down arrow-narrow-down arrow-down-long circle-down arrow-head-down down-circle arrow-down-thick arrow-drop-down',
  play: 'play play-circle circle-play player-play play-arrow play-btn play-square play-filled play-outline play-video play-sharp',
  pause: 'pause pause-circle circle-pause player-pause pause-btn pause-square',
  stop: 'stop stop-circle circle-stop player-stop stop-btn',
  next: 'skip-forward skip-next player-skip-forward skip-end player-track-next skip-forward-circle play-skip-forward step-forward skip-end-circle player-next fast-forward forward-fast track-next next-track skip-next-circle',
  previous:
    'skip-back skip-previous player-skip-back skip-start player-track-prev skip-back-circle play-skip-back step-backward skip-start-circle rewind fast-backward track-prev backward skip-previous-circle',
  check:
    'check checkmark done tick check-lg check-circle circle-check checkmark-circle check-circle2 check-fat checkbox-circle circle-check-big done-outline verified-check check-bold check-thick accept status-good checkmark-outline check-circle-outline checkmark-sharp task-alt',
  lock: 'lock lock-closed lock-closed-fill lock-key lock-simple lock-square locked lock-keyhole lock-laminated lock-key-closed lock2 padlock padlock-square private',
  unlock:
    'unlock lock-open unlocked lock-key-open lock-open-right lock-simple-open lock-keyhole-open unlock2 lock-open-variant lock-unlock lock-laminated-open lock-open-2 unlock-keyhole',
  user: 'user person user-circle account-circle account user-square circle-user person-circle contact-person user-alt profile-circle profile account-box circle-user-round user-round person-fill person-square user2 user-3 user-4 user-5 user-6 avatar user-avatar square-user user-profile',
  users:
    'users people group user-group account-group users-group users-three account-multiple user-multiple users-four people-fill team events people-team users-round',
  'add-user': 'user-plus user-add person-add person-plus account-plus user-follow person-add-alt add-user person-fill-add user-round-plus',
  login:
    'login log-in box-arrow-in-right sign-in enter login-box log-in-circle log-in-outline arrow-right-to-bracket arrow-left-end-on-rectangle-in',
  logout:
    'logout log-out box-arrow-right sign-out exit exit-to-app logout-variant logout-box log-out-circle arrow-right-from-bracket arrow-right-start-on-rectangle exit-run sign-out-bold',
  home: 'home home2 house home-3 home-4 home-2 home-5 home-6 home-simple home-alt home-circle house-door house-line house-simple home-variant smart-home home-alt-slim home-alt-slim-horiz-roof',
  calendar:
    'calendar calendar-month calendar-event calendar-today calendar-blank calendar-days calendar-date calendar2 calendar-week calendar3 event date-range calendar-event-fill calendar-4 calendar-range calendar2-week calendar-dots calendar-number calendar-fold calendar-view-week calendar-view-month calendar-clear schedule-calendar',
  attach: 'paperclip attachment attach attach-file clip attachment2 paper-clip paperclip-horizontal',
  microphone: 'microphone mic mic-on mic-none microphone2 keyboard-voice microphone-stage mic-fill mic-vocal-none',
  'microphone-off':
    'microphone-off mic-off mic-mute microphone-slash mic-off-circle microphone-mute microphone2-off microphone-mute-fill mic-slash',
  camera: 'camera photo-camera camera-alt camera-retro camera-circle camera2 device-camera camera-line camera-photo',
  video: 'video videocam video-camera camera-video camera-recorder video-recorder device-camera-video video-on vidicon',
  'video-off': 'video-off videocam-off video-slash camera-video-off video-camera-slash video-camera-off video-off-outline vidicon-off',
  phone: 'phone telephone call phone-call phone-in-talk phone-outgoing call-outline phone-calling phone-ringing phone-talk telephone-fill',
  'hang-up':
    'phone-off phone-hangup call-end phone-slash phone-disconnect phone-x phone-missed phone-disabled telephone-x hang-up call-missed-end phone-end phone-x-mark',
  refresh:
    'refresh reload sync refresh-cw rotate-cw refresh-ccw arrow-clockwise arrow-repeat refresh-circle arrows-clockwise arrow-sync arrows-counter-clockwise sync-outline cached autorenew restart renew arrow-path refresh-double loop-refresh arrow-sync-circle rotate-right sync-circle restart-alt',
  filter:
    'filter funnel filter-alt filter-variant filter-list filter-circle funnel-simple filter-funnel filter2 filter-3 list-filter filter-alt-outline funnel-plain adjust-filter',
  sort: 'sort sort-ascending sort-descending arrows-sort sort-down sort-up arrow-up-down arrows-down-up sort-variant swap-vertical sort-asc sort-desc arrow-down-up arrow-sort sort-by arrows-up-down swap-vert import-export sort-alpha-down arrow-down-wide-narrow arrow-up-wide-narrow arrow-up-narrow-wide arrow-down-narrow-wide sort-amount-down sort-amount-up sort-down-alt sort-lines',
  show: 'eye visibility view eye-open preview eye-outline show eye-show',
  hide: 'eye-off eye-slash eye-closed visibility-off hide eye-invisible view-off eye-hide eye-none',
  folder:
    'folder folder-open folder-simple folder2 folder2-open folder-closed folder-2 folder-outline folder-special-none file-directory file-directory-open folder-fill file-directory-fill file-directory-open-fill',
  file: 'file document file-text file-alt document-text draft description file-earmark file-earmark-text file-lines article-none note-file page document-outline file-blank',
  copy: 'copy content-copy files copy-simple file-copy documents copy-outline duplicate square-duplicate square-2-stack document-duplicate square-behind-square clipboard-copy copy2 copy-document',
  paste:
    'clipboard clipboard-text paste content-paste clipboard-paste clipboard-outline clipboard-fill clipboard-document clipboard-list clipboard-empty',
  cut: 'scissors cut content-cut scissors2 scissor',
  save: 'save device-floppy floppy-disk content-save floppy floppy-fill save2 save-outline floppy-disk-back floppy2 save3 floppy-1',
  print: 'printer print printer-fill printer2 local-printshop',
  undo: 'undo arrow-back-up undo2 arrow-counterclockwise-undo arrow-u-up-left arrow-undo corner-up-left-none undo-variant arrow-go-back arrow-u-turn-left arrow-uturn-left revert undo-alt',
  redo: 'redo arrow-forward-up redo2 arrow-u-up-right arrow-redo redo-variant arrow-go-forward arrow-u-turn-right arrow-uturn-right redo-alt',
  history:
    'history clock-history clock-counter-clockwise arrow-counterclockwise-clock history-outline time-past rewind-clock counter-clockwise-clock clock-rewind',
  clock:
    'clock time access-time schedule clock2 clock-outline clock-circle clock-hour-4 clock-4 clock-time-four time-outline clock-3 query-builder clock-hour-3',
  help: 'help help-circle question-circle question-mark question circle-help question-mark-circle help-outline question-lg circle-question help-square circle-question-mark questionmark-circle contact-support-none help-rhombus-none',
  info: 'info info-circle information information-circle info-lg circle-info info-square square-info info-outline information-outline alert-circle-i info-large',
  warning:
    'alert-triangle warning triangle-alert exclamation-triangle alert warning-triangle error-warning-triangle report-problem warning-amber exclamation-diamond-none triangle-exclamation exclamation-circle alert-circle circle-alert error error-circle warning-circle exclamation-mark-circle error-outline circle-exclamation exclamation-octagon alert-octagon octagon-alert error-warning status-warning warning-outline exclamation exclamation-mark exclamation-lg priority-high important',
  link: 'link link2 link-45deg insert-link link-variant link-simple link-outline link-alt add-link-none link-simple-horizontal link-m chain link-h',
  unlink:
    'unlink link-off unlink2 link-broken link-slash link-unlink link-variant-off unlink-m broken-link link-break link-simple-break link-dismiss unlinked',
  mail: 'mail envelope email mail-outline envelope-simple mail2 mail-closed envelope-fill mail-fill email-outline mail-unread-none email-2',
  chat: 'chat message message-circle chat-dots message-square chat-left chat-bubble chat-bubble-outline comment chat-circle chat-square message-dots chatbubble chatbox chat-left-text chat-text chat-square-text comment-outline message-text message-square-text message2 bubble-chat chat-left-dots chat-square-dots chatbubble-ellipses chatbubbles chats messages forum chat-bubble-left comment-dots comment-discussion message-square-outline chat-bubble-oval-left chat-bubble-bottom-center chat-teardrop chat-circle-dots chat-teardrop-dots chat-teardrop-text chat-circle-text chat-centered message-circle-more message-square-more question-answer bubble sms chat-bubble-left-right chat-bubble-left-ellipsis messaging chat-bubble-empty chat-option chat-1 chat-2 chat-3 chat-4 message-1 message-2 message-3',
  location:
    'map-pin location location-on pin-map place geo-alt map-marker marker-pin location-pin room location-dot geo map-marker-outline map-pin-simple map-pin-line location-outline map-pin-area pin-outline-location map-location pin-alt environment geo-alt-fill location-filled map-pin-round location-hazard-none',
  map: 'map map-trifold map-outline map2 folded-map map-fold map-2',
  globe:
    'globe world earth globe2 language-globe public web globe-alt globe-simple earth-outline globe-americas internet globe-hemisphere-west globe-outline global globe-asia-australia globe-europe-africa wireframe-globe wireless-globe globe-hemisphere-east',
  translate:
    'translate languages language g-translate language-hiragana character-translate language2 translation local-language translate2',
  'zoom-in': 'zoom-in magnify-plus magnifying-glass-plus search-plus zoom-in-outline magnify-plus-outline search-zoom-in zoom-in-2',
  'zoom-out': 'zoom-out magnify-minus magnifying-glass-minus search-minus zoom-out-outline magnify-minus-outline search-zoom-out',
  'full-screen':
    'maximize maximize2 fullscreen expand arrows-maximize arrows-fullscreen corners-out arrows-out arrows-angle-expand full-screen-maximize expand-outline arrow-expand-all arrow-expand screen-full full-screen arrows-pointing-out arrow-maximize expand-diagonal full-maximize fullscreen2 maximize-2 scan-frame-none arrows-out-simple open-in-full',
  'exit-full-screen':
    'minimize minimize2 fullscreen-exit arrows-minimize corners-in arrows-in fullscreen-exit-2 arrows-angle-contract full-screen-minimize collapse-diagonal contract arrow-collapse arrow-collapse-all screen-normal arrows-pointing-in arrow-minimize exit-fullscreen arrows-in-simple close-fullscreen exit-full-screen collapse compress minimize-2 shrink',
  bookmark:
    'bookmark bookmark-simple bookmark-outline bookmark-border bookmark-fill bookmark2 turned-in bookmark-2 book-mark bookmark-3 bookmark-empty',
  flag: 'flag flag2 flag3 flag-triangle flag-outline flag-fill flag-variant flag-pennant outlined-flag flag-triangle-right flag-alt report-flag flag-waving',
  power:
    'power power-off power-settings-new poweroff circle-power power-circle power-button power-outline power-fill shut-down shutdown power-standby power-line power-shutdown',
  wifi: 'wifi wifi-high wifi-2 wifi-1 wifi-fill signal-wifi-4-bar network-wifi wifi-outline wifi-strength-4 wifi-medium rss-wifi wireless wireless-fill',
  'wifi-off': 'wifi-off wifi-slash signal-wifi-off wifi-slash-fill wifi-none-slash wifi-x wifi-disconnected',
  bluetooth: 'bluetooth bluetooth-b bluetooth-outline bluetooth-fill',
  volume:
    'volume volume-up volume-high volume2 volume-2 speaker-high volume-full sound-high volume-loud volume-medium volume-1 speaker-2 speaker-wave-2 speaker-wave volume-control sound volume-down volume-low speaker-low speaker-wave-1 speaker-none-none unmute volume-vibrate-none',
  mute: 'volume-mute volume-off volume-x mute volume-xmark speaker-x speaker-slash speaker-x-mark speaker-off sound-off volume-slash muted volume-mute-fill speaker-mute volume-cross audio-muted no-sound volume-3',
  key: 'key vpn-key key2 key-round key-outline key-fill password-key key-1 key-variant key-alt key-command-none',
  shield:
    'shield security shield-check shield-outline shield-halved shield-fill verified-user shield-lock shield-keyhole shield-lock-fill shield-checkmark shield-alt shield-tick shield-half secure safety safety-certificate shield-security shield-checkered',
  extension: 'puzzle puzzle-piece extension puzzle-outline jigsaw puzzle2 plugin extension-puzzle puzzle-fill plugins',
  archive: 'archive archive-box archive-outline archive-fill inventory-none archive2 box-archive archive-drawer',
  inbox: 'inbox tray inbox-outline inbox-fill inbox2 move-to-inbox inbox-full',
  reply: 'reply mail-reply arrow-reply reply-outline reply-fill message-reply-arrow arrow-bend-up-left mail-reply-arrow corner-up-left',
  'reply-all': 'reply-all arrow-reply-all mail-reply-all arrow-bend-double-up-left reply-all-outline mail-reply-all-fill',
  'forward-mail':
    'forward mail-forward share-forward arrow-bend-up-right corner-up-right forward-arrow arrow-forward-mail reply-mirror forward-email',
  drag: 'grip-vertical drag-indicator grip-horizontal drag dots-six-vertical dots-six draggable drag-handle grip grip-dots-vertical re-order-dots-vertical drag-vertical drag-drop-none reorder-dots-horizontal grabber drag-horizontal',
  move: 'move arrows-move cursor-move open-with arrows-out-cardinal drag-move drag-pan arrow-all arrow-move drag-move-2 arrows-alt cursor-move2',
  'checkbox-on':
    'check-square square-check checkbox check-box checkbox-checked checkmark-square checkbox-marked square-checked checkbox-outline-marked checkmark-square-2 check-square-2 checkbox-multiple-none square-rounded-check checkbox-marked-outline checkbox-selected select-box-checked square-check-big',
  'checkbox-off':
    'checkbox-blank-outline check-box-outline-blank checkbox-unchecked checkbox-blank square square-outline rectangle-square checkbox-off square-shape square-empty',
  'radio-on':
    'radio-button-checked radio-button-on record-circle radiobox-marked circle-dot radio-button radio-button-on-outline circle-dot-filled target-dot-none dot-circle',
  'radio-off':
    'radio-button-unchecked radio-button-off circle radiobox-blank circle-outline checkbox-blank-circle checkbox-blank-circle-outline circle-blank circle-large circle-stroke',
  'toggle-on': 'toggle-right toggle-on toggle-switch toggle2-on toggle-right-outline switch-on toggle-on-outline toggle-fill-right',
  'toggle-off': 'toggle-left toggle-off toggle-switch-off toggle2-off toggle-left-outline switch-off toggle-off-outline',
  image:
    'image photo picture insert-photo image-outline images-none img image-square image-fill picture-outline media-image image2 image-1',
  gift: 'gift card-giftcard gift2 gift-outline gift-fill redeem',
  tag: 'tag price-tag pricetag label local-offer tag-outline price-tag-3 tag-fill tag-simple sell',
  block:
    'ban block circle-slash slash-circle prohibit forbid no-entry-none do-not-disturb not-allowed circle-off no-symbol cancel-ban slash-circle-fill prohibited not-interested forbid-2',
  pin: 'pin push-pin pushpin keep pin-angle pinned thumb-tack pin-outline push-pin-simple thumbtack pin-fill pin-line pin2 pushpin-2 keep-pin',
  sparkles: 'sparkles sparkle auto-awesome stars-sparkle magic-star-none sparkles-fill creation star-four-points sparkles2 sparkle-fill',
  robot: 'robot smart-toy bot android-robot-none robot2 robot-happy robot-outline dependabot-none',
  sun: 'sun brightness-high light-mode brightness sunny wb-sunny sun-outline brightness-7 sun-bright white-balance-sunny weather-sunny brightness-5 sun-dim sun-medium sun-fill brightness-low',
  moon: 'moon dark-mode moon-outline bedtime nightlight moon-stars-none night-mode half-moon moon-fill weather-moon moon-night moon-2',
  keyboard: 'keyboard keyboard-outline keyboard-fill keyboard2',
  chart:
    'bar-chart chart-bar bar-chart2 chart-bar-vertical bar-chart-2 analytics-bar-none chart-column chart-histogram stats-bars stats-chart insert-chart poll chart-bar-big bar-chart-square-none chart-simple bar-chart-fill leaderboard',
  terminal: 'terminal command-line terminal2 console terminal-window prompt terminal-fill',
  code: 'code code-slash code-tags code-simple code-outline code2 code-xml',
  database: 'database storage db database-fill database-outline',
  cloud: 'cloud cloud-outline cloud-queue cloud-fill',
  gauge: 'gauge speedometer dashboard-gauge meter speed tachometer speedometer2 gauge-high dashboard-speed',
  headset: 'headset headset-mic support-agent customer-support headphones headphone headphones-outline headset-fill customer-service',
}

const meaningsByName = new Map(
  Object.entries(names).flatMap(([meaning, list]) =>
    list
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => [name, meaning] as const),
  ),
)

export const trainedMeanings: readonly string[] = Object.keys(names)

/** Parts that go with many things, so that what has them besides is another thing. */
const general =
  /^(?:list|x|image|file|time|call|view|circle|square|open|zoom|grid|page|card|group|left|right|up|down|plus|add|check|code|cloud|chart|label|loop|text|control|error|map|next|done|web|cut|sound|pen|star|bag|question|event)$/

/**
 * What a drawing of this name means; `unknown` for what means something else; nothing for what is one of the meanings with something added,
 * of which neither can be said.
 */
export function meaningOf(name: string): string | undefined {
  const bare = name.replace(/^(?:circle|square)-(?=.)|-(?:circle|square|box|rounded)$/g, '')
  const meaning = meaningsByName.get(name) ?? meaningsByName.get(bare)
  if (meaning !== undefined) return meaning
  const parts = name.split('-')
  for (let end = 1; end < parts.length; end += 1) {
    const [first, last] = [parts.slice(0, end).join('-'), parts.slice(end).join('-')]
    for (const part of [first, last]) if (meaningsByName.has(part) && !general.test(part)) return undefined
  }
  return 'unknown'
}
