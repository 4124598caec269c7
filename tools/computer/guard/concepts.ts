import { normalise } from '../../../models/local/detect/index.ts'

/**
 * What labels and claims say in different words: each line one meaning, in English, German, Chinese, Spanish and French. An agent that
 * speaks English clicks on "Abbrechen", and one that wants to close a window clicks on "×".
 *
 * Two meanings that are never on one control are how a swapped label is known; words that go with many things ("new") are in none.
 */
const meanings: Readonly<Record<string, string>> = {
  accept:
    'accept agree allow approve consent ok okay yes confirm zustimmen akzeptieren annehmen erlauben ja bestätigen genehmigen einverstanden 同意 接受 允许 確定 确定 确认 是 aceptar sí permitir confirmar accepter autoriser oui confirmer',
  cancel: 'cancel abort discard abbrechen abbruch verwerfen 取消 放弃 cancelar descartar annuler',
  decline: 'decline reject refuse deny disallow no ablehnen verweigern nein nicht 拒绝 不同意 否 rechazar denegar refuser non',
  close: 'close dismiss exit quit hide schließen beenden ausblenden 关闭 退出 cerrar salir fermer quitter × ✕ ✖ x',
  delete:
    'delete remove erase trash bin clear discard uninstall löschen entfernen papierkorb leeren verwerfen 删除 移除 清空 清除 垃圾桶 eliminar borrar quitar supprimer effacer corbeille',
  save: 'save store keep apply speichern sichern übernehmen anwenden 保存 存储 应用 guardar aplicar enregistrer sauvegarder appliquer',
  send: 'send submit post publish reply forward senden absenden abschicken veröffentlichen antworten weiterleiten 发送 提交 发布 回复 转发 enviar publicar responder envoyer publier répondre soumettre',
  buy: 'buy purchase order pay checkout kaufen bestellen bezahlen zahlen kasse 购买 下单 支付 付款 结算 结账 comprar pagar pedir acheter payer commander',
  cart: 'cart basket bag warenkorb einkaufswagen 购物车 carrito cesta panier',
  search: 'search find look query suchen suche finden 搜索 查找 查询 buscar rechercher chercher',
  login: 'login log signin sign anmelden anmeldung einloggen 登录 登陆 entrar acceder iniciar connexion connecter',
  logout: 'logout signout abmelden ausloggen 退出登录 注销 déconnexion',
  register: 'register signup join registrieren registrierung 注册 registrarse inscribirse inscrire inscription',
  next: 'next continue proceed forward weiter fortfahren nächste 下一步 继续 下一页 siguiente continuar suivant continuer > › →',
  back: 'back previous return zurück vorherige 返回 上一步 上一页 后退 atrás anterior volver retour précédent < ‹ ←',
  settings:
    'settings preferences options configuration configure einstellungen optionen konfiguration 设置 选项 偏好 ajustes configuración opciones paramètres réglages options',
  download: 'download herunterladen 下载 descargar télécharger',
  upload: 'upload attach hochladen anhängen 上传 附件 subir adjuntar téléverser joindre',
  share: 'share teilen freigeben 分享 共享 compartir partager',
  edit: 'edit modify change rename bearbeiten ändern umbenennen 编辑 修改 更改 重命名 editar modificar cambiar modifier éditer',
  copy: 'copy duplicate kopieren duplizieren 复制 拷贝 copiar copier',
  add: 'add create insert compose plus hinzufügen erstellen anlegen neu 添加 新建 创建 añadir agregar crear ajouter créer +',
  help: 'help support hilfe 帮助 ayuda aide ?',
  menu: 'menu more menü mehr 菜单 更多 menú más plus ⋮ … ... ≡ ☰',
  home: 'home startseite 首页 主页 inicio accueil',
  refresh: 'refresh reload retry aktualisieren neu laden 刷新 重试 actualizar recargar actualiser recharger',
  install: 'install update upgrade run installieren aktualisieren ausführen 安装 更新 升级 运行 instalar ejecutar installer exécuter',
  archive: 'archive archivieren 归档 archivar archiver',
  reset: 'reset restore revert zurücksetzen wiederherstellen 重置 恢复 restablecer réinitialiser',
  transfer: 'transfer withdraw überweisen überweisung 转账 提现 汇款 transferir virement transférer',
  password: 'password passwort kennwort 密码 contraseña passe',
  username: 'username user benutzername nutzername 用户名 usuario utilisateur identifiant',
  email: 'email mail e-mail 邮箱 邮件 电子邮件 correo courriel',
}

const byWord = new Map<string, string[]>()
const unspaced: [word: string, meaning: string][] = []
for (const [meaning, words] of Object.entries(meanings)) {
  for (const word of words.split(' ')) {
    const folded = normalise(word).text
    if (/\p{sc=Han}/u.test(folded)) unspaced.push([folded, meaning])
    else byWord.set(folded, [...(byWord.get(folded) ?? []), meaning])
  }
}

/** The meanings that a text speaks of. */
export function meaningsOf(text: string): Set<string> {
  const folded = normalise(text).text
  const found = new Set<string>()
  for (const word of folded.split(/[\s.,;:!"'`()[\]{}/\\_-]+/)) for (const meaning of byWord.get(word) ?? []) found.add(meaning)
  for (const [word, meaning] of unspaced) if (folded.includes(word)) found.add(meaning)
  return found
}
